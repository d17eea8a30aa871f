import { readsOf, sizeOf } from "./term.ts";
import type { CallTerm, Term } from "./term.ts";

/** Larger terms are cut off: they are equal to nothing, but what they read is remembered. */
export const maxSize = 600;
const cut = "\0cut";

/** True for terms that have the same value. */
export function same(a: Term, b: Term): boolean {
  return a.text === b.text && isWhole(a);
}

/** False for a term that was cut off, whose text says nothing. */
export function isWhole({ text }: Term): boolean {
  return !text.includes(cut);
}

/** A call as it stands; `call` in build-term.ts simplifies. */
export function plainCall(name: string, args: readonly Term[]): CallTerm {
  return { kind: "call", name, args, text: textOf(name, args), reads: readsOf(args), size: sizeOf(args) };
}

/** Text of what is made of parts. */
export function textOf(name: string, parts: readonly Term[]): string {
  if (sizeOf(parts) > maxSize) return `${name}${cut}`;
  return `${name}(${parts.map(({ text }) => text).join(",")})`;
}
