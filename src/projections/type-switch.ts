import { EJSON } from "bson";
import type { Document } from "bson";
import { renderConstant } from "../expressions/render-node.ts";
import { anyType } from "./handler.ts";

/** An expression for the events of some types. */
export interface TypeCase {
  readonly type: string;
  readonly then: unknown;
}

/**
 * Chooses by the event's type. Types with equal expressions share a branch, and the one with the most types is the default, since only
 * handled types arrive; with a `"*"` handler that is the default.
 *
 * Each case has exactly the form `{$eq: [type, "A"]}` or `{$in: [type, ["A", "B"]]}`: the engine leaves branches out by it.
 */
export function typeSwitch(type: string, cases: readonly TypeCase[], before: readonly Document[] = []): unknown {
  const groups = groupByExpression(cases);
  const fallback =
    groups.find(({ types }) => types.includes(anyType)) ??
    groups.reduce((largest, group) => (group.types.length > largest.types.length ? group : largest));
  const branches = [
    ...before,
    ...groups.filter((group) => group !== fallback).map(({ types, then }) => ({ case: isOneOf(type, types), then })),
  ];
  return branches.length === 0 ? fallback.then : { $switch: { branches, default: fallback.then } };
}

/** How many branches `typeSwitch` would have. */
export function countGroups(cases: readonly TypeCase[]): number {
  return groupByExpression(cases).length;
}

interface Group {
  readonly types: string[];
  readonly then: unknown;
}

function groupByExpression(cases: readonly TypeCase[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const { type, then } of cases) {
    const text = EJSON.stringify({ then }, { relaxed: false });
    const group = groups.get(text);
    if (group === undefined) groups.set(text, { types: [type], then });
    else group.types.push(type);
  }
  return [...groups.values()];
}

function isOneOf(type: string, types: readonly string[]): Document {
  const [only] = types;
  return types.length === 1 ? { $eq: [type, renderConstant(only)] } : { $in: [type, renderConstant(types)] };
}
