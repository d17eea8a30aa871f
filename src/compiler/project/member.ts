import type { Environment } from "../../config/environment.ts";
import type { At, Place } from "../../diagnostics/finding.ts";
import type { AuthoredValue, ProjectionValue } from "../../projections/processor-value.ts";
import { processorBrand } from "../../projections/processor-value.ts";
import type { Definition } from "../../stages/definition.ts";
import { child, rootCursor, toAt } from "../cursor.ts";
import { readStages } from "../read-stages.ts";
import type { LocatedStage } from "../read-stages.ts";

/** A processor of a project, as it compiled and as its author wrote it. */
export interface Member {
  readonly definition: Definition;
  readonly value: AuthoredValue;
}

export interface ProjectContext {
  readonly environment: Environment;
  readonly at: (value: object, key?: string) => Place | undefined;
}

/** A member with its stages, for the rules that compare several. */
export interface ReadMember {
  readonly name: string;
  readonly value: AuthoredValue;
  readonly stages: readonly LocatedStage[];
  /** Where the author wrote the stage, by its place in the pipeline; for a projection the nearest there is. */
  readonly atStage: (which: "source" | "sink") => At;
}

export function readMember({ definition, value }: Member, { at }: ProjectContext): ReadMember {
  const { name, pipeline } = definition;
  const root = rootCursor(definition, { processor: name, place: undefined, placeOf: () => undefined });
  const { stages } = readStages(child(root, "pipeline"), "main");
  const placeOf = (written: unknown): Place | undefined =>
    typeof written === "object" && written !== null ? at(written) : undefined;
  return {
    name,
    value,
    stages,
    atStage(which) {
      const written = isProjection(value)
        ? which === "sink"
          ? value.into
          : value.source
        : value.pipeline.at(which === "sink" ? -1 : 0);
      const path = ["pipeline", which === "sink" ? pipeline.length - 1 : 0];
      return toAt(path, name, placeOf(written) ?? at(value));
    },
  };
}

export function isProjection(value: AuthoredValue): value is ProjectionValue {
  return value[processorBrand] === "projection";
}

/** `pipelines/orders.ts:9:5`, for a note about another processor. */
export function shownPlace({ place }: At): string {
  return place === undefined ? "" : ` (${place.file}:${place.line}:${place.column})`;
}
