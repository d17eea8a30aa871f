import type { Environment } from "../config/environment.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { checkConnection, connectionType } from "./check-connections.ts";
import { checkNames } from "./check-names.ts";
import { checkOperators, checkVariables } from "./check-expressions.ts";
import { checkContext } from "./check-placement.ts";
import { checkRelations } from "./check-relations.ts";
import { checkStageShape } from "./check-shape.ts";
import { atOf, child } from "./cursor.ts";
import { describedValues } from "./described-values.ts";
import type { DescribedValue } from "./described-values.ts";
import { isRun, labelOf, readStages, schemaOf } from "./read-stages.ts";
import type { LocatedStage } from "./read-stages.ts";
import { notRunYet } from "./rules/not-run-yet.ts";
import { checkValidatorOperators } from "./rules/validator-operator.ts";

/** What the rules of a stage need to know beside it. */
export interface StageSurroundings {
  readonly environment: Environment;
  /** True where asp's own engine is to run the processor: what it cannot run is then an error. */
  readonly mustRun: boolean;
  readonly spoilt: ReadonlySet<string>;
}

/** Everything that can be said about one stage by itself, the stages inside it included. */
export function checkStage(located: LocatedStage, surroundings: StageSurroundings): readonly Finding[] {
  const context = checkContext(located);
  const schema = schemaOf(located);
  if (context.length > 0 || schema === undefined) return context;
  const described = describedValues(schema, located.args);
  return [
    ...checkStageShape(located, schema, surroundings.spoilt),
    ...checkRelations(located),
    ...described.flatMap((value) => checkConnection(value, labelOf(located), surroundings.environment)),
    ...described.flatMap(checkNames),
    ...described.flatMap(checkVariables),
    ...described.flatMap(checkOperators),
    ...(located.name === "$validate" ? checkValidatorOperators(child(located.args, "validator")) : []),
    ...described.flatMap((value) => checkInnerStages(value, surroundings)),
  ];
}

function checkInnerStages({ schema, cursor }: DescribedValue, surroundings: StageSurroundings): readonly Finding[] {
  const { context } = schema;
  if (context === undefined || !Array.isArray(cursor.value)) return [];
  const { stages, findings } = readStages(cursor, context);
  // These run on the cluster, which has the same operators, and variables of its own.
  const onCluster = (located: LocatedStage): readonly Finding[] => {
    const misplaced = checkContext(located);
    const inside = schemaOf(located);
    if (misplaced.length > 0 || inside === undefined || context === "cluster") return misplaced;
    return [
      ...checkStageShape(located, inside, surroundings.spoilt),
      ...describedValues(inside, located.args).flatMap(checkOperators),
    ];
  };
  const isOurs = context === "window" || context === "payload";
  const inner = stages.flatMap((located) => (isOurs ? checkStage(located, surroundings) : onCluster(located)));
  return [...findings, ...inner];
}

/** What the engine does not run, once for a processor: an error where it would have to, else a remark where the environment is asp's own. */
export function checkRun(
  stages: readonly LocatedStage[],
  { environment, mustRun }: StageSurroundings,
): readonly Finding[] {
  if (!mustRun && environment.target !== "emulator") return [];
  const strange = stages.filter((located) => !isRun(located) || isSample(located, environment));
  const [first] = strange;
  if (first === undefined) return [];
  const labels = strange.map((each) => (isSample(each, environment) ? "`$source` on sample data" : labelOf(each)));
  const finding = notRunYet(atOf(first.stage), { what: [...new Set(labels)] });
  return [mustRun ? { ...finding, severity: "error" } : finding];
}

/** The service's own sample data is a connection, and no field says so. Source: asp-language section 1.1.4. */
function isSample({ name, args }: LocatedStage, environment: Environment): boolean {
  const connection = name === "$source" ? child(args, "connectionName").value : undefined;
  return typeof connection === "string" && connectionType(connection, environment) === "Sample";
}
