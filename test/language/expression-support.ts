import type { Compiled } from "../../src/compiler/compile-processor.ts";
import { codes, compile, merge, source } from "../compiler/support.ts";
import { checkServerVersion } from "../../src/compiler/check-server-version.ts";
import type { Finding } from "../../src/diagnostics/finding.ts";
import type { ExpressionPlace, ReferenceExpression } from "./expression-reference.ts";
import { errorsOf } from "./check-support.ts";
import { releases } from "./form-of.ts";

const places: readonly ExpressionPlace[] = ["main", "window", "payload", "cluster"];

/** A pipeline that has an expression in one of the places, and in it nothing else that could be wrong. */
export function pipelineWithExpression(
  row: ReferenceExpression,
  expression: unknown,
  place: ExpressionPlace,
): readonly Readonly<Record<string, unknown>>[] {
  const set = { $set: { x: expression } };
  const { before, window } = row;
  const start = [row.source ?? source, ...(before === undefined ? [] : [before])];
  const after = window === undefined ? start : [...start, window];
  switch (place) {
    case "main":
      return [...after, set, merge];
    case "window":
      return [...start, within(window, set), merge];
    case "payload":
      return [...after, { $https: { connectionName: "web", as: "response", payload: [set] } }, merge];
    case "cluster": {
      const from = { connectionName: "domain", db: "shop", coll: "customers" };
      return [...after, { $lookup: { from, let: {}, pipeline: [set], as: "found" } }, merge];
    }
  }
}

const tumbling = { $tumblingWindow: { interval: { size: 1, unit: "minute" } } };

function within(
  window: ReferenceExpression["window"] = tumbling,
  stage: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(window).map(([name, args]) => [name, { ...args, pipeline: [stage] }]));
}

/** The errors of an expression in the first of the places that it has, or in another. */
export function errorsOfExpression(
  row: ReferenceExpression,
  expression: unknown,
  place?: ExpressionPlace,
): readonly Finding[] {
  return errorsOf(compiled(row, expression, place));
}

/** The codes of what checking says of an expression, and not of the right one: a path that nobody sets is a warning. */
export function addedBy(row: ReferenceExpression, expression: unknown): readonly string[] {
  const [right, wrong] = [row.right, expression].map((each) => codes(compiled(row, each)));
  return (wrong ?? []).filter((code) => right?.includes(code) !== true);
}

const compiled = (row: ReferenceExpression, expression: unknown, place = row.places[0] ?? "main"): Compiled =>
  compile(pipelineWithExpression(row, expression, place));

/** Where an expression is accepted. */
export function placesOfExpression(row: ReferenceExpression): readonly ExpressionPlace[] {
  return places.filter((place) => errorsOfExpression(row, row.right, place).length === 0);
}

/** Whether the engine has it evaluated; what only a cluster has, that cluster evaluates. */
export function runOfExpression(row: ReferenceExpression): "yes" | "no" | "by the cluster" {
  if (!row.places.includes("main")) return "by the cluster";
  return codes(compiled(row, row.right)).includes("ASP5001") ? "no" : "yes";
}

/** The first mongod that has what an expression needs; undefined for what is not run. */
export function serverOfExpression(row: ReferenceExpression): string | undefined {
  if (runOfExpression(row) !== "yes") return undefined;
  const { definition } = compiled(row, row.right);
  if (definition === undefined) throw new Error(`${row.name} does not compile`);
  return releases.find((version) => checkServerVersion(definition, `${version}.0`).length === 0);
}
