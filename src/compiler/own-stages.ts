import type { Environment } from "../config/environment.ts";
import type { Cursor } from "./cursor.ts";
import type { DescribedValue } from "./described-values.ts";
import { readStages } from "./read-stages.ts";
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
export function readWhole(root: Cursor, environment: Environment, stages: readonly LocatedStage[]): WholeProcessor {
  return { root, environment, stages: stages.flatMap(withInner) };
}

/** Stages in the wrong place are findings already, and nothing follows from them. */
function withInner(located: LocatedStage): readonly OwnStage[] {
  if (located.description?.contexts.includes(located.context) !== true) return [];
  const described = located.described();
  const inner = described.flatMap(({ schema: { context }, cursor }) =>
    context === "window" || context === "payload" ? readStages(cursor, context).stages : [],
  );
  return [{ located, described }, ...inner.flatMap(withInner)];
}

/** What a stage asks for: the form of it that is meant, or else the stage whatever its form. */
export function demandOf<Name extends keyof Demands>(
  { located: { description, variant } }: OwnStage,
  name: Name,
): Demands[Name] | undefined {
  return variant?.[name] ?? description?.[name];
}
