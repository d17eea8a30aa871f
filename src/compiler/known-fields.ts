import { child } from "./cursor.ts";
import { isDocument, toNumber } from "./kinds.ts";
import type { LocatedStage } from "./read-stages.ts";

/**
 * The top-level fields of the documents that come out of stages, where a stage such as `$project` or `$replaceWith` names them all.
 *
 * @returns undefined where there may be others.
 */
export function knownFields(stages: readonly LocatedStage[]): ReadonlySet<string> | undefined {
  let fields: ReadonlySet<string> | undefined;
  for (const { name, args } of stages) fields = after(name, args.value, fields);
  return fields;
}

function after(name: string, args: unknown, fields: ReadonlySet<string> | undefined): ReadonlySet<string> | undefined {
  switch (name) {
    case "$project":
      return isDocument(args) ? projected(args, fields) : undefined;
    case "$replaceWith":
      return written(args);
    case "$replaceRoot":
      return isDocument(args) ? written(args["newRoot"]) : undefined;
    case "$set":
    case "$addFields":
      if (fields === undefined || !isDocument(args)) return undefined;
      return new Set([...fields, ...Object.keys(args).map(top)]);
    case "$unset": {
      const paths = (Array.isArray(args) ? args : [args]) as readonly unknown[];
      return fields && without(fields, paths.map(String));
    }
    case "$match":
    case "$validate":
    case "$redact":
    case "$throttle":
      return fields;
    case "$unwind":
      return isDocument(args) && "includeArrayIndex" in args ? undefined : fields;
    default:
      return undefined;
  }
}

function projected(
  args: Readonly<Record<string, unknown>>,
  fields: ReadonlySet<string> | undefined,
): ReadonlySet<string> | undefined {
  const isOut = (value: unknown): boolean => value === false || toNumber(value) === 0;
  const out = Object.keys(args).filter((key) => isOut(args[key]));
  const kept = Object.keys(args).filter((key) => !isOut(args[key]));
  if (kept.length === 0) return fields && without(fields, out);
  return new Set([...(out.includes("_id") ? [] : ["_id"]), ...kept.map(top)]);
}

function written(value: unknown): ReadonlySet<string> | undefined {
  if (!isDocument(value)) return undefined;
  const keys = Object.keys(value);
  return keys.some((key) => key.startsWith("$")) ? undefined : new Set(keys);
}

function without(fields: ReadonlySet<string>, paths: readonly string[]): ReadonlySet<string> {
  return new Set([...fields].filter((field) => !paths.includes(field)));
}

function top(path: string): string {
  return path.split(".", 1)[0] ?? path;
}

/** Where each element of a `$merge` stage stands, for rules that look at it as a whole. */
export function mergeOf(stages: readonly LocatedStage[]): LocatedStage | undefined {
  const last = stages.at(-1);
  return last?.name === "$merge" && isDocument(child(last.stage, "$merge").value) ? last : undefined;
}
