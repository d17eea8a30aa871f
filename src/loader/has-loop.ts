/** What may run for ever. A text that only looks like a loop costs the start of a thread, and nothing else. */
const loop = /\b(?:while|for)\s*(?:await\s*)?\(|\bdo\s*\{/;

/** Whether code has to be watched while it runs. */
export function hasLoop(code: string): boolean {
  return loop.test(code);
}
