import type { Finding } from "../diagnostics/finding.ts";
import { changeStreamArgs } from "../stages/source-change-stream.ts";
import { connectionType } from "./check-connections.ts";
import { sourceConnection } from "./check-sample.ts";
import { atOf, child, descend } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { describeValue } from "./describe-value.ts";
import { certainText } from "./expressions/certain-text.ts";
import { joinSteps } from "./join-steps.ts";
import { isDocument } from "./kinds.ts";
import type { WholeProcessor } from "./own-stages.ts";
import { timeOfNoEventField } from "./rules/time-of-no-event-field.ts";
import { timeOfNoField } from "./rules/time-of-no-field.ts";
import { unreadableTime } from "./rules/unreadable-time.ts";

/** What `timeField` makes a date of: an expression, by an operator that takes some values only. */
interface Conversion {
  readonly operator: "$toDate" | "$dateFromString";
  readonly input: Cursor;
}

/** Finds a `timeField` over a text instead of a field, and inline documents whose field it makes no date of. */
export function checkTimeField({ stages: [source], environment }: WholeProcessor): readonly Finding[] {
  if (source?.description?.role !== "source") return [];
  const conversion = conversionOf(child(source.args, "timeField"));
  if (conversion === undefined) return [];
  const { input } = conversion;
  const constant = certainText(input.value);
  if (constant?.kind === "constant") {
    // One that cannot be a date is found among the operands.
    if (!/\d/u.test(constant.text)) return [];
    return [timeOfNoField(atOf(input), { text: constant.text, path: pathMeant(input.value) })];
  }
  const [, path] = typeof input.value === "string" ? (/^\$([^$].*)$/su.exec(input.value) ?? []) : [];
  if (path === undefined) return [];
  // A sample has documents of its own.
  const isSample = connectionType(sourceConnection(source) ?? "", environment) === "Sample";
  return source.variant?.args === changeStreamArgs && !isSample
    ? checkEventPath(source.args, input, path)
    : checkDocuments(child(source.args, "documents"), path, conversion.operator);
}

/** Of a change event. Sources: the change events page of the MongoDB manual; asp-language section 1.1.2. */
const eventFields: readonly string[] = [
  "_id",
  "clusterTime",
  "collectionUUID",
  "documentKey",
  "fullDocument",
  "fullDocumentBeforeChange",
  "lsid",
  "ns",
  "nsType",
  "operationDescription",
  "operationType",
  "splitEvent",
  "stateBeforeChange",
  "to",
  "txnNumber",
  "updateDescription",
  "wallTime",
];

function checkEventPath(args: Cursor, input: Cursor, path: string): readonly Finding[] {
  // The stream's own pipeline may give it any.
  if (descend(args, ["config", "pipeline"]).value !== undefined) return [];
  const [top = ""] = path.split(".");
  return eventFields.includes(top) ? [] : [timeOfNoEventField(atOf(input), { path, known: eventFields })];
}

function conversionOf(timeField: Cursor): Conversion | undefined {
  const toDate = child(timeField, "$toDate");
  if (toDate.value !== undefined) return { operator: "$toDate", input: toDate };
  const fromString = child(timeField, "$dateFromString");
  // What it gives instead is the author's own care.
  if (["onError", "onNull"].some((field) => child(fromString, field).value !== undefined)) return undefined;
  const input = child(fromString, "dateString");
  return input.value === undefined ? undefined : { operator: "$dateFromString", input };
}

/** The reference that a text stands for where its dollar is forgotten. */
function pathMeant(value: unknown): string | undefined {
  return typeof value === "string" && /^[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}\p{N}_]+)*$/u.test(value)
    ? `$${value}`
    : undefined;
}

function checkDocuments(documents: Cursor, path: string, operator: Conversion["operator"]): readonly Finding[] {
  if (!Array.isArray(documents.value)) return [];
  return [...documents.value.keys()].flatMap((index) => {
    const cursor = descend(child(documents, index), path.split("."));
    const why = whyNoDate(cursor.value, operator);
    if (why === undefined) return [];
    const right = cursor.value instanceof Date ? `write \`timeField: { $toDate: "$${path}" }\`` : "write a date";
    return [unreadableTime(atOf(cursor), { what: joinSteps(["documents", index, path]), why, right })];
  });
}

/** Says only what is certain: what texts the server reads as dates is the server's to know, but one without a digit it reads as none. */
function whyNoDate(value: unknown, operator: Conversion["operator"]): string | undefined {
  if (value === undefined || value === null) return undefined;
  const found = describeValue(value);
  if (operator === "$dateFromString" && typeof value !== "string")
    return `\`${operator}\` takes a text, and this is ${found}`;
  const isNone = typeof value === "string" ? !/\d/u.test(value) : typeof value === "boolean" || isDocument(value);
  return isNone ? `\`${operator}\` makes no date of ${found}` : undefined;
}
