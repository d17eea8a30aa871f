/** What a constant is, as far as operators tell constants apart. `decimal` is Decimal128, which not every target of Kafka has. */
export type ConstantKind =
  | "text"
  | "number"
  | "decimal"
  | "boolean"
  | "null"
  | "date"
  | "timestamp"
  | "objectId"
  | "binary"
  | "regex"
  | "code"
  | "array"
  | "document"
  | "other";

/** Rules that say more of a constant than its kind; `compiler/constants.ts` has them. */
export type ConstantRule =
  | "timeZone"
  | "dateFormat"
  | "pattern"
  | "regexOptions"
  | "objectId"
  | "digits"
  | "numeral"
  | "typeOrCode";

/** What a constant must be where it stands. Nothing is asked of what is computed. */
export interface ConstantDemand {
  /** For the end of "must be …". */
  readonly expected: string;
  /** Absent: any. */
  readonly kinds?: readonly ConstantKind[];
  /** A number without a fraction, and at least so large. */
  readonly whole?: true;
  readonly least?: number;
  /** The texts that there are; with `anyCase` in capital letters too. */
  readonly words?: readonly string[];
  readonly anyCase?: true;
  readonly rule?: ConstantRule;
}

const numbers: readonly ConstantKind[] = ["number", "decimal"];

/** Demands by the word for them. Where `null` is not among the kinds, the server refuses that too. */
export const demands = {
  number: { expected: "a number", kinds: [...numbers, "null"] },
  numberOrDate: { expected: "a number or a date", kinds: [...numbers, "date", "null"] },
  numberOnly: { expected: "a number", kinds: numbers },
  whole: { expected: "a whole number", kinds: [...numbers, "null"], whole: true },
  wholeOnly: { expected: "a whole number", kinds: numbers, whole: true },
  fromZero: { expected: "a whole number, 0 or more", kinds: [...numbers, "null"], whole: true, least: 0 },
  fromOne: { expected: "a whole number, 1 or more", kinds: [...numbers, "null"], whole: true, least: 1 },
  count: { expected: "a whole number, 1 or more", kinds: numbers, whole: true, least: 1 },
  text: { expected: "a text", kinds: ["text", "null"] },
  textOnly: { expected: "a text", kinds: ["text"] },
  textOrRegex: { expected: "a text", kinds: ["text", "regex", "null"] },
  textOrBinary: { expected: "a text or binary data", kinds: ["text", "binary", "null"] },
  printable: {
    expected: "a text, a number or a date",
    kinds: ["text", ...numbers, "date", "timestamp", "code", "null"],
  },
  array: { expected: "an array", kinds: ["array", "null"] },
  arrayOnly: { expected: "an array", kinds: ["array"] },
  document: { expected: "a document", kinds: ["document", "null"] },
  boolean: { expected: "true or false", kinds: ["boolean", "null"] },
  time: { expected: "a date, a timestamp or an ObjectId", kinds: ["date", "timestamp", "objectId", "null"] },
  timestamp: { expected: "a timestamp", kinds: ["timestamp", "null"] },
} as const satisfies Readonly<Record<string, ConstantDemand>>;
