import type { Environment } from "../config/environment.ts";
import type { Cursor } from "./cursor.ts";
import { readStages } from "./read-stages.ts";
import type { LocatedStage } from "./read-stages.ts";
import type { Demands } from "../stages/define-stage.ts";

/** What the rules over a whole processor look at. */
export interface WholeProcessor {
  readonly root: Cursor;
  readonly environment: Environment;
  /** Every one that the service runs itself. */
  readonly stages: readonly LocatedStage[];
}

/** A processor with all stages that the service runs itself, those in windows and payloads after the stage that holds them. */
export function readWhole(root: Cursor, environment: Environment, stages: readonly LocatedStage[]): WholeProcessor {
  return { root, environment, stages: stages.flatMap(withInner) };
}

/** Stages in the wrong place are findings already, and nothing follows from them. */
function withInner(located: LocatedStage): readonly LocatedStage[] {
  if (located.description?.contexts.includes(located.context) !== true) return [];
  const inner = located
    .described()
    .flatMap(({ schema: { context }, cursor }) =>
      context === "window" || context === "payload" ? readStages(cursor, context).stages : [],
    );
  return [located, ...inner.flatMap(withInner)];
}

/** What a stage asks for: the form of it that is meant, or else the stage whatever its form. */
export function demandOf<Name extends keyof Demands>(
  { description, variant }: LocatedStage,
  name: Name,
): Demands[Name] | undefined {
  return variant?.[name] ?? description?.[name];
}
