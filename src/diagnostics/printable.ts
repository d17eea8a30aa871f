/**
 * A text that cannot steer the terminal: control characters are shown as escapes, line ends included.
 *
 * Names and values in findings are the user's, or an event's, and may hold anything.
 */
export function printable(text: string): string {
  return text.replace(control, (character) => {
    const short = shortEscapes[character];
    return short ?? `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
  });
}

/** The same for one line of a source file: one character for one, so that columns stay where they are; tabs are kept. */
export function printableLine(line: string): string {
  return line.replace(control, (character) => (character === "\t" ? "\t" : "\ufffd"));
}

/** C0 and C1 controls, and the bidirectional overrides that could reorder a line. */
// oxlint-disable-next-line no-control-regex -- these are the characters to find
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

const shortEscapes: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
