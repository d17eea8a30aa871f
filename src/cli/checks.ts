/** Commands that only look at what stands in files: the build gives them a script of their own, half the size of the whole. */
const checks: readonly string[] = ["validate", "compile"];

export function isCheck(command: string): boolean {
  return checks.includes(command);
}
