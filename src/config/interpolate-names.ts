import type { Finding } from "../diagnostics/finding.ts";
import type { ConfigPath, PlaceOf } from "./config.ts";
import { interpolate } from "./interpolate.ts";
import type { Variables } from "./interpolate.ts";

/** Where a value stands in the config, and what its variables are. */
export interface NamesContext {
  readonly path: ConfigPath;
  readonly placeOf: PlaceOf;
  readonly variables: Variables;
}

/** The server's own words, which are handed on as they stand. */
const handedOn: ReadonlySet<string> = new Set(["validator", "partialFilterExpression", "wildcardProjection"]);

/**
 * Replaces the variables of every text within a part of the config that holds names: of databases, collections, fields. They are
 * used as soon as something is compiled, unlike addresses and secrets.
 *
 * A variable that is not set is a finding, and its own name stands there, so that no other finding follows from it.
 */
export function interpolateNames<Value>(
  value: Value,
  context: NamesContext,
): { readonly value: Value; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const replace = (part: unknown, path: ConfigPath): unknown => {
    if (typeof part === "string") {
      if (!part.includes("${")) return part;
      const replaced = interpolate(part, context.variables, context.placeOf(path));
      if (replaced.finding === undefined) return replaced.value;
      findings.push(replaced.finding);
      return part.replaceAll(/\$\{(?:exec:\s*)?(\w*)[^}]*\}?/gu, "$1");
    }
    if (Array.isArray(part)) return part.map((item, index) => replace(item, [...path, index]));
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(
      Object.entries(part).map(([key, item]) => [key, handedOn.has(key) ? item : replace(item, [...path, key])]),
    );
  };
  return { value: replace(value, context.path) as Value, findings };
}
