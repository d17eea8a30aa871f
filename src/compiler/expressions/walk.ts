import type { FindingConstructor } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import type { ClusterContext } from "../carry-in.ts";
import { atOf, descend, pathOf } from "../cursor.ts";
import type { Cursor } from "../cursor.ts";
import { isDocument } from "../kinds.ts";
import { pathKey } from "../snapshot.ts";

/** Where the expressions of a stage are evaluated, and so what they may use. */
export interface Surroundings {
  /** The pipeline that a cluster runs; absent where the stream does, which has metadata and operators of its own and no `$$NOW`. */
  readonly onCluster?: ClusterContext;
  /** Names of variables that the stage is given, without their dollars. */
  readonly variables: readonly string[];
  /** Joined paths of what could not be copied; nothing is said about it a second time. */
  readonly spoilt: ReadonlySet<string>;
}

/**
 * One walk through the expressions of a value.
 *
 * It walks plain values and keeps its path in one array, because most expressions have nothing to find, and there are many.
 */
export interface Walk {
  readonly surroundings: Surroundings;
  readonly from: Cursor;
  /** From `from` to where the walk is. */
  readonly path: (string | number)[];
  /** Names of the variables in scope, to how many of them there are: the innermost counts. */
  readonly scope: Map<string, number>;
  readonly findings: Finding[];
  /** Checks an expression where the walk is. */
  readonly visit: (value: unknown) => void;
}

/** Goes one step down for the time that `visit` takes. */
export function step(walk: Walk, key: string | number, value: unknown, visit: (value: unknown) => void): void {
  walk.path.push(key);
  visit(value);
  walk.path.pop();
}

/** Checks an expression with more variables in scope. */
export function visitWith(walk: Walk, variables: readonly string[], value: unknown): void {
  const { scope } = walk;
  for (const name of variables) scope.set(name, (scope.get(name) ?? 0) + 1);
  walk.visit(value);
  for (const name of variables) {
    const count = scope.get(name) ?? 0;
    if (count > 1) scope.set(name, count - 1);
    else scope.delete(name);
  }
}

/** Adds a finding about the value where the walk is. */
export function report<Data>(walk: Walk, rule: FindingConstructor<Data>, data: Data): void {
  const cursor = descend(walk.from, walk.path);
  const { spoilt } = walk.surroundings;
  if (spoilt.size > 0 && spoilt.has(pathKey(pathOf(cursor)))) return;
  walk.findings.push(rule(atOf(cursor), data));
}

/** A document as an object, whatever holds it; undefined for anything else. */
export function toFields(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!isDocument(value)) return undefined;
  return value instanceof Map ? (Object.fromEntries(value) as Readonly<Record<string, unknown>>) : value;
}

/** The value of a field; undefined where there is none. */
export function field(fields: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** True for the name of an operator: a text that begins with a dollar. */
export function hasDollar(key: string): boolean {
  return key.charCodeAt(0) === 36;
}
