import type { Environment } from "../config/environment.ts";
import { child } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { describedValues } from "./described-values.ts";
import type { DescribedValue } from "./described-values.ts";
import { readStages, schemaOf } from "./read-stages.ts";
import type { LocatedStage } from "./read-stages.ts";
import type { Demands } from "../stages/define-stage.ts";

/** A stage that the service runs itself, with the values in it that have a meaning. */
export interface OwnStage {
  readonly located: LocatedStage;
  readonly described: readonly DescribedValue[];
}

/** What the rules over a whole processor look at. */
export interface WholeProcessor {
  readonly root: Cursor;
  readonly environment: Environment;
  readonly stages: readonly OwnStage[];
}

/** A processor with all stages that the service runs itself, those in windows and payloads after the stage that holds them. */
export function readWhole(root: Cursor, environment: Environment): WholeProcessor {
  return { root, environment, stages: readStages(child(root, "pipeline"), "main").stages.flatMap(withInner) };
}

/** Stages in the wrong place are findings already, and nothing follows from them. */
function withInner(located: LocatedStage): readonly OwnStage[] {
  const schema = schemaOf(located);
  if (schema === undefined || located.description?.contexts.includes(located.context) !== true) return [];
  const described = describedValues(schema, located.args);
  const inner = described.flatMap(({ schema: { context }, cursor }) =>
    context === "window" || context === "payload" ? readStages(cursor, context).stages : [],
  );
  return [{ located, described }, ...inner.flatMap(withInner)];
}

/** What a stage, or the form of it that is meant, asks for. */
export function demandsOf({ located: { description, variant } }: OwnStage): Demands {
  return { ...description, ...variant };
}
