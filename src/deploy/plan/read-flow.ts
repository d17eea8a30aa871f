import { child, rootCursor } from "../../compiler/cursor.ts";
import { readWhole, type WholeProcessor } from "../../compiler/own-stages.ts";
import { readBy, writtenBy, type Resource } from "../../compiler/project/resource.ts";
import { readStages, type LocatedStage } from "../../compiler/read-stages.ts";
import type { Environment } from "../../config/environment.ts";
import type { Definition } from "../../stages/definition.ts";

/** What a processor reads and writes, as far as it is written down and not computed. */
export interface Flow {
  readonly reads: readonly Resource[];
  readonly writes: Resource | undefined;
}

/** Names are those of the workspace, so that processors of both sides can be compared. */
export function readFlow(definition: Definition, environment: Environment): Flow {
  const stages = stagesOf(definition);
  return { reads: readBy(stages[0], environment), writes: writtenBy(stages.at(-1), environment) };
}

/** Names of the connections that its stages and its dead letter queue need. */
export function connectionsIn(definition: Definition, environment: Environment): readonly string[] {
  const whole: WholeProcessor = readWhole(rootOf(definition), environment, stagesOf(definition));
  const named = whole.stages.flatMap((stage) =>
    stage.described().flatMap(({ schema, cursor }) => {
      return schema.asp === "connection" && typeof cursor.value === "string" ? [cursor.value] : [];
    }),
  );
  const { dlq } = definition.options ?? {};
  return [...new Set([...named, ...(dlq === undefined ? [] : [dlq.connectionName])])];
}

/** The last stage; what it writes is in it. */
export function sinkOf(definition: Definition): LocatedStage | undefined {
  return stagesOf(definition).at(-1);
}

/** A collection, by what it is called in a definition. */
export interface NamedCollection {
  readonly connectionName: string;
  readonly db: string;
  readonly coll: string;
}

/** Collections that a definition names: sources, sinks, look-ups, the dead letter queue. */
export function namespacesIn({ pipeline, options }: Definition): readonly NamedCollection[] {
  return [...pipeline, options?.dlq].flatMap(named);
}

function named(value: unknown): readonly NamedCollection[] {
  if (typeof value !== "object" || value === null || "_bsontype" in value) return [];
  if (Array.isArray(value)) return value.flatMap(named);
  const { connectionName, db, coll } = value as Readonly<Record<string, unknown>>;
  const own =
    typeof connectionName === "string" && typeof db === "string"
      ? [coll].flat().flatMap((each) => (typeof each === "string" ? [{ connectionName, db, coll: each }] : []))
      : [];
  return [...own, ...Object.values(value).flatMap(named)];
}

function stagesOf(definition: Definition): readonly LocatedStage[] {
  return readStages(child(rootOf(definition), "pipeline"), "main").stages;
}

function rootOf(definition: Definition) {
  return rootCursor(definition, { processor: definition.name, place: undefined, placeOf: () => undefined });
}
