import type { Environment } from "../config/environment.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { checkChoice } from "./check-choice.ts";
import { checkConnection, connectionType } from "./check-connections.ts";
import { checkOnCluster } from "./check-on-cluster.ts";
import { checkConstantUses } from "./check-constant-uses.ts";
import { checkNames } from "./check-names.ts";
import { checkExpressions, surroundingsIn, surroundingsOf } from "./check-expressions.ts";
import { checkContext } from "./check-placement.ts";
import { checkRelations } from "./check-relations.ts";
import { sampleConnection } from "../stages/sample-data.ts";
import { checkStageShape } from "./check-shape.ts";
import { atOf } from "./cursor.ts";
import type { DescribedValue } from "./described-values.ts";
import type { Surroundings } from "./expressions/walk.ts";
import { isRun, labelOf, readStages, schemaOf } from "./read-stages.ts";
import type { LocatedStage } from "./read-stages.ts";
import { checkSample, sourceConnection } from "./check-sample.ts";
import { notRunYet } from "./rules/not-run-yet.ts";

/** What the rules of a stage need to know beside it. */
export interface StageSurroundings {
  readonly environment: Environment;
  /** True where asp's own engine is to run the processor: what it cannot run is then an error. */
  readonly mustRun: boolean;
  readonly spoilt: ReadonlySet<string>;
}

/** Everything that can be said about one stage by itself, the stages inside it included. */
export function checkStage(
  located: LocatedStage,
  surroundings: StageSurroundings,
  around: Surroundings | undefined = surroundingsOf(located, surroundings.spoilt),
): readonly Finding[] {
  const context = checkContext(located);
  const schema = schemaOf(located);
  if (context.length > 0 || schema === undefined) return context;
  const described = located.described();
  const owner = { label: labelOf(located), args: located.args };
  const choices = described.flatMap((value) => checkChoice(value, owner, surroundings.spoilt));
  const expressions =
    around === undefined ? [] : described.flatMap((value) => checkExpressions(value, located.name, around));
  return [
    ...checkStageShape(located, schema, surroundings.spoilt),
    ...checkRelations(located),
    ...checkSample(located, surroundings.environment),
    ...described.flatMap((value) => checkConnection(value, owner.label, surroundings.environment)),
    ...described.flatMap(checkNames),
    ...choices,
    ...described.flatMap((value) => checkConstantUses(value, located, surroundings.spoilt)),
    ...expressions.filter((finding) => !choices.some((choice) => isBelow(finding, choice))),
    ...described.flatMap((value) => checkInnerStages(located, value, surroundings)),
  ];
}

/** What is wrong as a whole is not looked into: a pipeline where a word must be would be read as an expression. */
function isBelow({ path = [] }: Finding, { path: outer = [] }: Finding): boolean {
  return path.length > outer.length && outer.every((step, index) => step === path[index]);
}

function checkInnerStages(
  outer: LocatedStage,
  { schema: { context }, cursor }: DescribedValue,
  surroundings: StageSurroundings,
): readonly Finding[] {
  if (context === undefined || !Array.isArray(cursor.value)) return [];
  const { stages, findings } = readStages(cursor, context);
  const inner = stages.flatMap((located) =>
    context === "cluster"
      ? checkOnCluster(located)
      : checkStage(located, surroundings, surroundingsIn(outer, located, surroundings.spoilt)),
  );
  return [...findings, ...inner];
}

/** What the engine does not run, once for a processor: an error where it would have to, else a remark where the environment is asp's own. */
export function checkRun(
  stages: readonly LocatedStage[],
  { environment, mustRun }: StageSurroundings,
): readonly Finding[] {
  if (!mustRun && environment.target !== "emulator") return [];
  const strange = stages.filter(
    (located) => (!isRun(located) && checkContext(located).length === 0) || isStrangeSample(located, environment),
  );
  const [first] = strange;
  if (first === undefined) return [];
  const labels = strange.map((each) => (isStrangeSample(each, environment) ? strangeSample(each) : labelOf(each)));
  const why = strange.flatMap(({ variant }) =>
    variant?.notRun === undefined ? [] : [`${variant.name}: ${variant.notRun}`],
  );
  const finding = notRunYet(atOf(first.stage), { what: [...new Set(labels)], why });
  return [mustRun ? { ...finding, severity: "error" } : finding];
}

/** Sample data other than what the documentation has, or another connection that has the name of that. */
function isStrangeSample(located: LocatedStage, environment: Environment): boolean {
  const name = sourceConnection(located);
  const type = name === undefined ? undefined : connectionType(name, environment);
  return type !== undefined && (type === "Sample") !== (name === sampleConnection);
}

function strangeSample(located: LocatedStage): string {
  const name = sourceConnection(located);
  return name === sampleConnection
    ? `\`$source\` on a connection of another type called \`${name}\``
    : `\`$source\` on sample data called \`${name}\``;
}
