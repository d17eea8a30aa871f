import { isPlainObject } from "../expressions/is-plain-object.ts";
import { tombstonesInUniqueIndex } from "./findings/tombstones-in-unique-index.ts";
import type { ProjectionValue } from "./processor-value.ts";
import type { Reporter } from "./reporter.ts";

/** What the config says of a collection, as far as it matters here. */
export interface IndexedCollection {
  readonly connectionName: string;
  readonly db: string;
  readonly coll: string;
  readonly indexes?:
    | readonly {
        readonly key: Readonly<Record<string, unknown>>;
        readonly unique?: boolean | undefined;
        readonly sparse?: boolean | undefined;
        readonly partialFilterExpression?: unknown;
      }[]
    | undefined;
}

/** A projection that leaves tombstones needs unique indexes that leave them out: all tombstones look the same to an index. */
export function checkUniqueIndexes(
  into: ProjectionValue["into"],
  collections: readonly IndexedCollection[],
  reporter: Reporter,
): void {
  const own = collections.filter(
    ({ connectionName, db, coll }) => connectionName === into.connectionName && db === into.db && coll === into.coll,
  );
  for (const { key, unique, sparse, partialFilterExpression } of own.flatMap(({ indexes }) => indexes ?? [])) {
    const fields = Object.keys(key);
    const leavesOut =
      (sparse === true && fields.every(isAbsent)) ||
      (isPlainObject(partialFilterExpression) && !matchesTombstone(partialFilterExpression));
    if (unique !== true || fields.includes("_id") || leavesOut) continue;
    const index = fields.map((field) => `\`${field}\``).join(", ");
    reporter.report(tombstonesInUniqueIndex, { index, collection: `${into.db}.${into.coll}` }, [into]);
  }
}

/** True for a field that a tombstone does not have. */
function isAbsent(field: string): boolean {
  return field !== "_id" && field !== "_asp" && !field.startsWith("_asp.");
}

function matchesTombstone(filter: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(filter).every(([name, condition]) => {
    if (name === "$and") return filters(condition).every(matchesTombstone);
    if (name === "$or") return filters(condition).some(matchesTombstone);
    if (name === "_asp.deleted") return matches(condition, true);
    // What else there is in `_asp` depends on the event: taken to match.
    return isAbsent(name) ? matches(condition, undefined) : true;
  });
}

function filters(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isPlainObject) : [];
}

/** A condition of a partial index over `true` or nothing. */
function matches(condition: unknown, value: true | undefined): boolean {
  if (!isPlainObject(condition)) return condition === (value ?? null);
  return Object.entries(condition).every(([operator, operand]) => {
    if (operator === "$exists") return (operand === true) === (value !== undefined);
    if (operator === "$in") return Array.isArray(operand) && operand.includes(value ?? null);
    if (operator === "$type") return value === true && (operand === "bool" || operand === 8);
    return ["$eq", "$gte", "$lte"].includes(operator) && operand === (value ?? null);
  });
}
