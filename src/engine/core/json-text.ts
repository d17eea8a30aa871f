/** Characters from the space on, without the quote and the backslash. */
const plain = /[ !#-[\]-\uffff]*/y;
const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/**
 * Where a text of JSON ends, given the place of its first quote: after its last one. `undefined` where it does not end, or holds what JSON does
 * not allow.
 *
 * It goes piece by piece: one pattern for all would need a stack as deep as the text is long.
 */
export function endOfJsonText(json: string, at: number): number | undefined {
  for (let from = at + 1; ;) {
    plain.lastIndex = from;
    plain.exec(json);
    const end = plain.lastIndex;
    if (json[end] === '"') return end + 1;
    escaped.lastIndex = end;
    if (!escaped.test(json)) return undefined;
    from = escaped.lastIndex;
  }
}
