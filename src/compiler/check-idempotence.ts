import type { Finding } from "../diagnostics/finding.ts";
import { atOf, child } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { restField } from "./idempotence/document-term.ts";
import { findRepetition } from "./idempotence/find-repetition.ts";
import { readUpdate } from "./idempotence/read-update.ts";
import { knownFields, mergeOf } from "./known-fields.ts";
import type { LocatedStage } from "./read-stages.ts";
import { changesAgain } from "./rules/changes-again.ts";
import { guardLetsEqualThrough } from "./rules/guard-lets-equal-through.ts";
import { guardNotInserted } from "./rules/guard-not-inserted.ts";
import { guardNotSet } from "./rules/guard-not-set.ts";

/**
 * Checks that a document that `$merge` gets twice leaves what it leaves when it comes once: the service delivers at least once.
 *
 * The modes are all safe; a pipeline is where its second application can be shown to change nothing.
 */
export function checkIdempotence(stages: readonly LocatedStage[]): readonly Finding[] {
  const merge = mergeOf(stages);
  if (merge === undefined) return [];
  const pipeline = child(merge.args, "whenMatched");
  const update = Array.isArray(pipeline.value) ? readUpdate(pipeline.value) : undefined;
  if (update === undefined) return [];
  const { changing, marks } = findRepetition(update);
  const fields = knownFields(stages.slice(0, -1));
  if (changing === undefined) return checkInserted(merge, marks, fields);
  const field = changing.field[0] === restField ? undefined : changing.field.join(".");
  const at = atOf(writerOf(pipeline, field));
  const mark = changing.guard?.mark.join(".");
  if (mark === undefined) return [changesAgain(at, { field, mark: markName(fields, pipeline.value) })];
  return changing.guard?.problem === "never set"
    ? [guardNotSet(at, { field, mark })]
    : [guardLetsEqualThrough(at, { field, mark })];
}

/** A first document that is inserted as it came has to bring what the guard compares. */
function checkInserted(
  merge: LocatedStage,
  marks: readonly (readonly string[])[],
  fields: ReadonlySet<string> | undefined,
): readonly Finding[] {
  if (fields === undefined || child(merge.args, "whenNotMatched").value === "discard") return [];
  const [mark] = marks.filter(([name = ""]) => !fields.has(name) && name !== "_id" && !addedByService.has(name));
  if (mark === undefined) return [];
  return [guardNotInserted(atOf(merge.stage), { mark: mark.join("."), fields: [...fields] })];
}

/** Fields that the service adds by itself. Source: asp-language section 5. */
const addedByService: ReadonlySet<string> = new Set(["_ts", "_stream_meta"]);

/** The stage that sets the field, or the whole pipeline. */
function writerOf(pipeline: Cursor, field: string | undefined): Cursor {
  const stages = (pipeline.value as readonly unknown[]).map((_, index) => child(pipeline, index));
  const writes = stages.find(({ value }) => field !== undefined && JSON.stringify(value)?.includes(`"${field}"`));
  return writes ?? stages.at(-1) ?? pipeline;
}

/** Fields whose name says that they order documents, the likeliest first. */
const ordering = [
  "version",
  "seq",
  "sequence",
  "revision",
  "position",
  "offset",
  "windowStart",
  "updatedAt",
  "occurredAt",
];

/** What a guard could compare, among what the incoming document is known to have. */
function markName(fields: ReadonlySet<string> | undefined, pipeline: unknown): string {
  const read = [...JSON.stringify(pipeline).matchAll(/"\$\$new\.(\w+)/g)].map(([, name = ""]) => name);
  return ordering.find((name) => read.includes(name) || fields?.has(name)) ?? "version";
}
