import type { Environment } from "../config/environment.ts";
import type { At, Finding } from "../diagnostics/finding.ts";
import { atOf, child } from "./cursor.ts";
import { toFields } from "./expressions/walk.ts";
import { fieldUses } from "./field-uses.ts";
import { readStages } from "./read-stages.ts";
import type { LocatedStage } from "./read-stages.ts";
import { deadLetterField } from "./rules/dead-letter-field.ts";
import { responseBodyField } from "./rules/response-body-field.ts";
import { responseStatusField } from "./rules/response-status-field.ts";

/** A field that circulates and is not there where the service itself makes the document. Source: asp-language section 9.3. */
interface Absent {
  readonly path: string;
  readonly find: (at: At) => Finding;
}

/**
 * Finds fields that the response of `$https` and a dead letter do not have, and that examples read all the same.
 *
 * Follows the document only as long as its fields stay what they were: past `$project`, `$group` and their like nothing is said.
 */
export function checkKnownFields(stages: readonly LocatedStage[], environment: Environment): readonly Finding[] {
  const [first] = stages;
  return follow(stages, first === undefined ? [] : absentFromDeadLetter(first, environment));
}

function follow(stages: readonly LocatedStage[], before: readonly Absent[]): readonly Finding[] {
  const findings: Finding[] = [];
  let absent = before;
  for (const located of stages) {
    if (absent.length > 0) findings.push(...usesIn(located, absent));
    absent = [...still(located, absent), ...absentFromResponse(located)];
  }
  return findings;
}

function usesIn(located: LocatedStage, absent: readonly Absent[]): readonly Finding[] {
  return located.described().flatMap((described) => {
    const { context } = described.schema;
    if (context === "window" || context === "payload") {
      return follow(readStages(described.cursor, context).stages, absent);
    }
    return fieldUses(described).flatMap(({ path, cursor }) => {
      const found = absent.find((each) => covers(each.path, path));
      return found === undefined ? [] : [found.find(atOf(cursor))];
    });
  });
}

/** Stages that leave fields as they are, but for the one they write to. */
const keeping: ReadonlySet<string> = new Set([
  ...["$source", "$match", "$validate", "$redact", "$unset", "$unwind", "$lookup", "$cachedLookup", "$https"],
  ...["$externalFunction", "$vectorSearch", "$setStreamMeta", "$throttle"],
]);

function still({ name, args }: LocatedStage, absent: readonly Absent[]): readonly Absent[] {
  const isSet = name === "$set" || name === "$addFields";
  if (absent.length === 0 || (!isSet && !keeping.has(name))) return [];
  const as = child(args, "as").value;
  const written = isSet ? Object.keys(toFields(args.value) ?? {}) : typeof as === "string" ? [as] : [];
  return absent.filter(({ path }) => !written.some((each) => covers(each, path) || covers(path, each)));
}

function absentFromResponse({ name, args }: LocatedStage): readonly Absent[] {
  const as = child(args, "as").value;
  if (name !== "$https" || typeof as !== "string" || as === "") return [];
  const [status, body] = [`${as}.statusCode`, `${as}.body`];
  return [
    { path: status, find: (at) => responseStatusField(at, { path: status, as }) },
    { path: body, find: (at) => responseBodyField(at, { path: body, as }) },
  ];
}

function absentFromDeadLetter({ name, args }: LocatedStage, { dlq }: Environment): readonly Absent[] {
  const read = (field: string): unknown => child(args, field).value;
  if (name !== "$source" || dlq === undefined || read("coll") !== dlq.coll || read("db") !== dlq.db) return [];
  if (read("connectionName") !== dlq.connectionName) return [];
  const isAlone = child(child(args, "config"), "fullDocumentOnly").value === true;
  const here = (field: string): string => (isAlone ? field : `fullDocument.${field}`);
  const absent = (field: string, right: string): Absent => ({
    path: here(field),
    find: (at) => deadLetterField(at, { path: here(field), right: here(right) }),
  });
  return [absent("originalDocument", "doc"), absent("error", "errInfo.reason")];
}

/** True where a path is another one, or stands below it. */
function covers(path: string, other: string): boolean {
  return other === path || other.startsWith(`${path}.`);
}
