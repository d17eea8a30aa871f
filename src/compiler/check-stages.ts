import type { Environment } from "../config/environment.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { checkConnection } from "./check-connections.ts";
import { checkNames } from "./check-names.ts";
import { checkExpressions, surroundingsIn, surroundingsOf } from "./check-expressions.ts";
import { checkContext } from "./check-placement.ts";
import { checkStageShape } from "./check-shape.ts";
import { checkSource } from "./check-source.ts";
import { atOf, child } from "./cursor.ts";
import { describedValues } from "./described-values.ts";
import type { DescribedValue } from "./described-values.ts";
import { labelOf, readStages, schemaOf } from "./read-stages.ts";
import type { LocatedStage } from "./read-stages.ts";
import { notRunYet } from "./rules/not-run-yet.ts";

/** What the rules of a stage need to know beside it. */
export interface StageSurroundings {
  readonly environment: Environment;
  readonly spoilt: ReadonlySet<string>;
}

/** Everything that can be said about one stage by itself, the stages inside it included. */
export function checkStage(located: LocatedStage, surroundings: StageSurroundings): readonly Finding[] {
  const { description } = located;
  if (description === undefined) return [];
  const context = checkContext(located);
  if (context.length > 0) return context;
  const schema = schemaOf(located);
  if (schema === undefined || isSample(located, surroundings.environment)) {
    return [notYet(located, surroundings.environment)];
  }
  const shape = checkStageShape(located, schema, surroundings.spoilt);
  const described = describedValues(schema, located.args);
  const around = surroundingsOf(located, surroundings.spoilt);
  return [
    ...shape,
    ...checkSource(located),
    ...checkConnection(located, surroundings.environment),
    ...described.flatMap(checkNames),
    ...described.flatMap((value) => checkExpressions(value, located.name, around)),
    ...described.flatMap((value) => checkInnerStages(located, value, surroundings)),
  ];
}

function checkInnerStages(
  outer: LocatedStage,
  { schema, cursor }: DescribedValue,
  surroundings: StageSurroundings,
): readonly Finding[] {
  if (schema.context === undefined || !Array.isArray(cursor.value)) return [];
  const { stages, findings } = readStages(cursor, schema.context);
  const inner = stages.flatMap((located) => {
    const context = checkContext(located);
    const inside = schemaOf(located);
    if (context.length > 0 || inside === undefined) return context;
    const around = surroundingsIn(outer, located, surroundings.spoilt);
    return [
      ...checkStageShape(located, inside, surroundings.spoilt),
      ...(around === undefined
        ? []
        : describedValues(inside, located.args).flatMap((value) => checkExpressions(value, located.name, around))),
    ];
  });
  return [...findings, ...inner];
}

/** The service's own sample data is a connection, and no field says so. Source: asp-language section 1.1.4. */
function isSample({ name, args }: LocatedStage, environment: Environment): boolean {
  if (name !== "$source") return false;
  const connection = child(args, "connectionName").value;
  if (typeof connection !== "string") return false;
  if (!Object.hasOwn(environment.connections, connection)) return connection === "sample_stream_solar";
  return environment.connections[connection]?.type === "Sample";
}

/** An error where asp would have to run it itself, and a reminder where the service does. */
function notYet(located: LocatedStage, environment: Environment): Finding {
  const sample = isSample(located, environment);
  const finding = notRunYet(atOf(located.stage), { what: sample ? "`$source` on sample data" : labelOf(located) });
  return environment.target === "emulator" ? finding : { ...finding, severity: "warning" };
}
