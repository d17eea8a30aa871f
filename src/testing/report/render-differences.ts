import type { Difference } from "../compare/difference.ts";
import { shorten, subject } from "./describe-difference.ts";

/** Most differences after the first few repeat them. */
const shownDifferences = 20;

/**
 * Differences field by field, under the document and the processor that wrote it.
 *
 * @example
 * shop.orders {_id: "o1"}, written by orders
 *   total
 *     - expected 3
 *     + found    6
 */
export function renderDifferences(differences: readonly Difference[]): readonly string[] {
  const lines: string[] = [];
  let heading = "";
  for (const difference of differences.slice(0, shownDifferences)) {
    const { kind, path, processor } = difference;
    const document = `${subject(difference)}${processor === undefined ? "" : `, written by ${processor}`}`;
    if (document !== heading) lines.push(document);
    heading = document;
    lines.push(`  ${path === "" ? wholeDocument[kind] : path}`);
    if (kind !== "extra") lines.push(`    - expected ${shorten(difference.expected)}`);
    if (kind !== "missing") lines.push(`    + found    ${shorten(difference.actual)}`);
  }
  const more = differences.length - shownDifferences;
  return more > 0 ? [...lines, `and ${more} more`] : lines;
}

const wholeDocument = { missing: "is missing", extra: "is not expected", different: "is different" };
