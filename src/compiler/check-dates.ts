import type { Finding } from "../diagnostics/finding.ts";
import { holds } from "./check-relations.ts";
import { atOf, child } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { eventTimeField } from "./event-time.ts";
import { certainText, looksLikeDate } from "./expressions/certain-text.ts";
import type { CertainText } from "./expressions/certain-text.ts";
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

/** Finds texts compared with what is a date, the event's time or a window's bounds: those that look like dates, and those that are computed. */
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
  const fields = new Map<string, TimeType>([[eventTimeField(source), "date"]]);
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
  const report: Report = (what, type, cursor, found) => {
    if (found !== undefined) findings.push(dateAsText(atOf(cursor), { what, found, type }));
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

type Report = (what: string, type: TimeType, cursor: Cursor, found: CertainText | undefined) => void;

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
    const against = child(operands, other);
    const text = certainText(against.value);
    const found = text?.kind === "computed" ? text : dateTextOf(against.value);
    if (typeof path === "string" && dateMetadata.has(path)) report(path, "date", against, found);
    else if (field !== undefined && type !== undefined) report(field, type, against, found);
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
      else if (type !== undefined)
        checkCondition(child(query, key), (cursor) => report(key, type, cursor, dateTextOf(cursor.value)));
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

function dateTextOf(value: unknown): CertainText | undefined {
  return looksLikeDate(value) ? { kind: "constant", text: value } : undefined;
}

/** Few processors hold such a text, or compare a computed one, and looking for that alone costs little. */
function holdsDateText(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return looksLikeDate(value);
  if (Array.isArray(value)) return value.some(holdsDateText);
  const fields = toFields(value);
  for (const key in fields) {
    if ((comparisons.has(key) && comparesComputedText(fields[key])) || holdsDateText(fields[key])) return true;
  }
  return false;
}

function comparesComputedText(operands: unknown): boolean {
  return Array.isArray(operands) && operands.some((operand) => certainText(operand)?.kind === "computed");
}
