import { sortKeys, type WriteOptions } from "../http/write-json.ts";
import type { FaultPlan } from "./decide-faults.ts";

/** Changes a reply as a fault asks for; what concerns its writing is in {@link toWriteOptions}. */
export function rewriteReply(value: unknown, { state, extraField }: FaultPlan["rewrite"]): unknown {
  const renamed = state === undefined ? value : renameStates(value, state);
  return extraField === undefined || typeof renamed !== "object" || renamed === null
    ? renamed
    : sortKeys({ ...renamed, [extraField]: "unknown" });
}

export function toWriteOptions({ numbers, keys }: FaultPlan["rewrite"]): WriteOptions {
  return { wholeAsDecimal: numbers !== undefined, reversed: keys !== undefined };
}

/** Of the resource itself, or of each in a list. */
function renameStates(value: unknown, state: string): unknown {
  if (typeof value !== "object" || value === null) return value;
  const { results } = value as { readonly results?: unknown };
  if (Array.isArray(results)) return { ...value, results: results.map((each) => renameStates(each, state)) };
  return "state" in value ? { ...value, state } : value;
}
