import type { Finding } from "../diagnostics/finding.ts";
import { holds } from "./check-relations.ts";
import { atOf, child } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { toFields } from "./expressions/walk.ts";
import { isDocument } from "./kinds.ts";
import type { WholeProcessor } from "./own-stages.ts";
import type { LocatedStage } from "./read-stages.ts";
import { dateAsText } from "./rules/date-as-text.ts";
import { walkExpressions } from "./walk-expressions.ts";

type TimeType = "date" | "timestamp";
/** Fields that hold a time for certain, before a stage. */
type TimeFields = ReadonlyMap<string, TimeType>;

const comparisons: ReadonlySet<string> = new Set(["$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$cmp"]);
const memberships: ReadonlySet<string> = new Set(["$in", "$nin"]);
/** Metadata that holds a date. Source: asp-language section 5. */
const dateMetadata: ReadonlySet<string> = new Set(["stream.window.start", "stream.window.end", "stream.source.ts"]);

/** Finds texts that look like dates compared with what is a date: the event's time, a window's bounds. */
export function checkDates({ root, stages }: WholeProcessor): readonly Finding[] {
  if (!holdsDateText(root.value)) return [];
  let outer = timeFieldsOf(stages[0]);
  let inner = outer;
  return stages.flatMap((stage) => {
    const isMain = stage.context === "main";
    const before = isMain ? outer : inner;
    const after = fieldsAfter(stage, before);
    // What a window or a payload holds begins with the documents that the stage around it gets.
    inner = isMain ? before : after;
    if (isMain) outer = after;
    return checkStage(stage, before);
  });
}

/** What a source's documents have for certain. Source: asp-language sections 1.1.2 and 1.1.4. */
function timeFieldsOf(source: LocatedStage | undefined): TimeFields {
  if (source?.description?.role !== "source") return new Map();
  const { args, variant } = source;
  const own = child(args, "tsFieldName").value;
  const fields = new Map<string, TimeType>([[typeof own === "string" ? own : "_ts", "date"]]);
  const { times } = variant ?? {};
  return times === undefined || holds(args, times.unless)
    ? fields
    : new Map([...fields, ...Object.entries(times.fields)]);
}

function fieldsAfter({ description, described }: LocatedStage, before: TimeFields): TimeFields {
  if (before.size === 0) return before;
  if (description?.replacesDocument === true) return new Map();
  const set = described().flatMap(({ schema, cursor }) =>
    schema.asp === "expressions" && isDocument(cursor.value) ? Object.keys(cursor.value) : [],
  );
  return set.some((field) => before.has(field))
    ? new Map([...before].filter(([field]) => !set.includes(field)))
    : before;
}

function checkStage({ described }: LocatedStage, fields: TimeFields): readonly Finding[] {
  const findings: Finding[] = [];
  const report = (what: string, type: TimeType, cursor: Cursor): void => {
    if (looksLikeDate(cursor.value)) findings.push(dateAsText(atOf(cursor), { what, text: cursor.value, type }));
  };
  const operator = (name: string, here: () => Cursor): void => {
    if (comparisons.has(name)) checkComparison(child(here(), name), fields, report);
  };
  for (const value of described()) {
    if (value.schema.asp === "query") checkQuery(value.cursor, fields, report);
    walkExpressions(value, { operator });
  }
  return findings;
}

type Report = (what: string, type: TimeType, cursor: Cursor) => void;

/** `{ $gt: ["$_ts", "2026-…"] }`, either way round. */
function checkComparison(operands: Cursor, fields: TimeFields, report: Report): void {
  if (!Array.isArray(operands.value) || operands.value.length !== 2) return;
  for (const [index, other] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const operand = child(operands, index).value;
    const path = isDocument(operand) ? operand["$meta"] : undefined;
    const field = typeof operand === "string" && operand.startsWith("$") ? operand.slice(1) : undefined;
    const type = field === undefined ? undefined : fields.get(field);
    if (typeof path === "string" && dateMetadata.has(path)) report(path, "date", child(operands, other));
    else if (field !== undefined && type !== undefined) report(field, type, child(operands, other));
  }
}

/** `{ _ts: { $gt: "2026-…" } }`, and queries inside the query. */
function checkQuery(query: Cursor, fields: TimeFields, report: Report): void {
  if (Array.isArray(query.value)) {
    for (const index of query.value.keys()) checkQuery(child(query, index), fields, report);
  } else if (isDocument(query.value)) {
    for (const key of Object.keys(query.value)) {
      const type = fields.get(key);
      if (key === "$and" || key === "$or" || key === "$nor") checkQuery(child(query, key), fields, report);
      else if (type !== undefined) checkCondition(child(query, key), (cursor) => report(key, type, cursor));
    }
  }
}

function checkCondition(condition: Cursor, report: (cursor: Cursor) => void): void {
  report(condition);
  if (!isDocument(condition.value)) return;
  for (const key of Object.keys(condition.value)) {
    const operand = child(condition, key);
    if (key === "$not") checkCondition(operand, report);
    else if (comparisons.has(key)) report(operand);
    else if (memberships.has(key) && Array.isArray(operand.value)) {
      for (const index of operand.value.keys()) report(child(operand, index));
    }
  }
}

/** Few processors hold such a text, and looking for it alone costs little. */
function holdsDateText(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return looksLikeDate(value);
  if (Array.isArray(value)) return value.some(holdsDateText);
  const fields = toFields(value);
  for (const key in fields) if (holdsDateText(fields[key])) return true;
  return false;
}

function looksLikeDate(value: unknown): value is string {
  // Most texts are told apart by one character.
  return (
    typeof value === "string" && value.charCodeAt(4) === 45 && /^\d{4}-\d{2}-\d{2}(?:$|[T ]\d{2}:\d{2})/.test(value)
  );
}
