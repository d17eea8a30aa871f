/**
 * What an update makes of a stored document, as terms over that document: two applications in a row are then terms too, and can be
 * compared. Terms with one text have one value.
 */
export type Term = LiteralTerm | IncomingTerm | StoredTerm | ChoiceTerm | CallTerm | DocumentTerm;

/** Names from the top of a document. */
export type FieldPath = readonly string[];

interface Base {
  /** Equal for equal terms. */
  readonly text: string;
  /** Paths of the stored document that the value may depend on; `[]` is the whole. */
  readonly reads: readonly FieldPath[];
  readonly size: number;
}

/** A constant of the pipeline; `undefined` is a missing value. */
export interface LiteralTerm extends Base {
  readonly kind: "literal";
  readonly value: unknown;
}

/** Something of the incoming document: `$$new.a`, a variable of `let`. */
export interface IncomingTerm extends Base {
  readonly kind: "incoming";
}

export interface StoredTerm extends Base {
  readonly kind: "stored";
  readonly path: FieldPath;
}

export interface ChoiceTerm extends Base {
  readonly kind: "choice";
  readonly condition: Term;
  readonly then: Term;
  readonly otherwise: Term;
}

/** An operator; `[]` is a list, `gt` stands for all four comparisons of order. */
export interface CallTerm extends Base {
  readonly kind: "call";
  readonly name: string;
  readonly args: readonly Term[];
}

/** A document whose fields are terms. */
export interface DocumentTerm extends Base {
  readonly kind: "document";
  readonly read: (path: FieldPath) => Term;
  /** Paths that are set one by one; whatever else there is follows one rule. */
  readonly set: readonly FieldPath[];
}

export function literal(value: unknown): LiteralTerm {
  const text = value === undefined ? "missing" : `=${JSON.stringify(value, tellTypes)}`;
  return { kind: "literal", value, text, reads: [], size: 1 };
}

/** A Map keeps its entries in `JSON.stringify`, and a negative zero and a NaN are told apart from 0 and null. */
function tellTypes(_: string, value: unknown): unknown {
  if (value instanceof Map) return { $map: [...(value as ReadonlyMap<unknown, unknown>)] };
  if (typeof value === "bigint" || (typeof value === "number" && !Number.isFinite(value)))
    return { $is: String(value) };
  return value;
}

export function incoming(text: string): IncomingTerm {
  return { kind: "incoming", text, reads: [], size: 1 };
}

export function stored(path: FieldPath): StoredTerm {
  return { kind: "stored", path, text: `$${JSON.stringify(path)}`, reads: [path], size: 1 };
}

export const missing = literal(undefined);

/** True for a term that is the same whatever is stored. */
export function isConstant({ reads }: Term): boolean {
  return reads.length === 0;
}

/** The reads of several terms, each path once. */
export function readsOf(terms: readonly Term[]): readonly FieldPath[] {
  const reading = terms.filter((term) => term.reads.length > 0);
  // Most operators read the stored document by one operand or none.
  if (reading.length < 2) return reading[0]?.reads ?? [];
  const reads = new Map<string, FieldPath>();
  for (const term of reading) for (const path of term.reads) reads.set(JSON.stringify(path), path);
  return [...reads.values()];
}

export function sizeOf(terms: readonly Term[]): number {
  return terms.reduce((sum, { size }) => sum + size, 1);
}
