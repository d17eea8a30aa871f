/**
 * A number that an expected document gives without asking for a type, kept as it was written: a JavaScript number cannot
 * tell 9007199254740993 from 9007199254740992, nor hold all digits of a decimal.
 */
export class PlainNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
