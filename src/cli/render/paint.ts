/** Text in colour, or as it is: decided once, by who knows the stream. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
}

export function toPaint(options: { readonly color: boolean }): Paint {
  const style = (open: number, close: number) => (text: string) =>
    options.color ? `\u001B[${open}m${text}\u001B[${close}m` : text;
  return { bold: style(1, 22), dim: style(2, 22), red: style(31, 39), green: style(32, 39), yellow: style(33, 39) };
}
