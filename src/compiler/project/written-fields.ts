import { child } from "../cursor.ts";
import { restField } from "../idempotence/document-term.ts";
import { readUpdate } from "../idempotence/read-update.ts";
import { stored } from "../idempotence/term.ts";
import { knownFields } from "../known-fields.ts";
import { isProjection } from "./member.ts";
import type { ReadMember } from "./member.ts";

/** Fields that a `$merge` writes to a document that is there: paths with dots, or all. */
export type WrittenFields = "all" | ReadonlySet<string>;

/** @returns undefined where the fields are not known */
export function writtenFields({ value, stages }: ReadMember): WrittenFields | undefined {
  // Whatever its handlers set, a projection keeps there what it applied last.
  if (isProjection(value)) return new Set(["_asp"]);
  const merge = stages.at(-1);
  if (merge?.name !== "$merge") return undefined;
  const on = child(merge.args, "on").value;
  const keys = new Set(["_id", ...((Array.isArray(on) ? on : [on]) as readonly unknown[])]);
  const mode = child(merge.args, "whenMatched").value;
  switch (mode) {
    case "replace":
      return "all";
    case "keepExisting":
      return new Set();
    case "merge":
    case undefined: {
      const fields = knownFields(stages.slice(0, -1));
      return fields && new Set([...fields].filter((field) => !keys.has(field)));
    }
    default:
      return Array.isArray(mode) ? updatedFields(mode, keys) : undefined;
  }
}

function updatedFields(pipeline: readonly unknown[], keys: ReadonlySet<unknown>): WrittenFields | undefined {
  const update = readUpdate(pipeline);
  if (update === undefined) return undefined;
  if (update.read([restField]).text !== stored([restField]).text) return "all";
  const paths = update.set.filter((path) => update.read(path).text !== stored(path).text);
  return new Set(paths.map((path) => path.join(".")).filter((path) => !keys.has(path)));
}

/** A field that both write: one of them, or the narrower of two that overlap. */
export function commonField(a: WrittenFields, b: WrittenFields): string | undefined {
  if (a === "all" || b === "all") {
    const other = a === "all" ? b : a;
    return other === "all" ? "every field" : [...other][0];
  }
  for (const one of a) {
    for (const other of b) {
      if (one === other || one.startsWith(`${other}.`)) return one;
      if (other.startsWith(`${one}.`)) return other;
    }
  }
  return undefined;
}
