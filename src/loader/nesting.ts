/** Parsers work on the native stack: V8 gives up at some hundreds of levels with tags, ours ends the process at thousands. */
export const maxDepth = 500;

/** Where brackets are nested too deep, those in texts counted as well. */
export function deepestBracket(text: string): number | undefined {
  let depth = 0;
  for (let offset = 0; offset < text.length; offset++) {
    const code = text.charCodeAt(offset);
    if (code === 0x28 || code === 0x5b || code === 0x7b) depth++;
    else if (code === 0x29 || code === 0x5d || code === 0x7d) depth = Math.max(0, depth - 1);
    if (depth > maxDepth) return offset;
  }
  return undefined;
}
