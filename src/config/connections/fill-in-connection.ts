import type { Finding, Place } from "../../diagnostics/finding.ts";
import type { Connection } from "../environment.ts";
import { interpolate, type Variables } from "../interpolate.ts";

/** Replaces the variables of every text in a connection. */
export function fillInConnection(
  connection: Connection,
  env: Variables,
  place?: Place,
): { readonly value: Connection; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const fill = (value: unknown): unknown => {
    if (typeof value === "string") {
      const filled = interpolate(value, env, place);
      if (filled.finding !== undefined) findings.push(filled.finding);
      return filled.value;
    }
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fill(each)]));
  };
  return { value: fill(connection) as Connection, findings };
}
