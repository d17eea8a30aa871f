import { explainModify, type ModifyEffect } from "../../compiler/explain-modify.ts";
import type { Definition } from "../../stages/definition.ts";
import { normalForm } from "./normal-form.ts";

/** The same function as the workspace's own, over both pipelines in the form in which they are compared. */
export function judgeModify(
  before: Definition,
  after: Definition,
  options: { readonly resumeFromCheckpoint?: boolean } = {},
): ModifyEffect {
  return explainModify(toJudged(before), toJudged(after), options);
}

function toJudged({ name, pipeline }: Definition): Definition {
  return { name, pipeline: withoutMaps(normalForm(pipeline)) as Definition["pipeline"] };
}

/** JSON, which the judgement compares by, knows no Map: its keys are kept from moving by a character before them. */
function withoutMaps(value: unknown): unknown {
  if (typeof value !== "object" || value === null || value instanceof Date || "_bsontype" in value) return value;
  if (Array.isArray(value)) return value.map(withoutMaps);
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<string, unknown>)];
    return Object.fromEntries(entries.map(([key, each]) => [/^\d/u.test(key) ? `\0${key}` : key, withoutMaps(each)]));
  }
  if (value instanceof RegExp || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutMaps(each)]));
}
