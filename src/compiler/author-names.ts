import type { Environment } from "../config/environment.ts";
import { placeNamespace } from "../config/place-namespace.ts";
import type { Definition } from "../stages/definition.ts";
import { placeInEnvironment } from "./place-in-environment.ts";

/**
 * A definition of an environment with the names that modules have for things: the other way round from `placeInEnvironment`. Where
 * several names stand for one thing, it takes the first.
 */
export function authorNames(definition: Definition, environment: Environment): Definition {
  // What is no stage has no names, and must not be lost on the way.
  if (definition.pipeline.some((stage) => fieldsOf(stage) !== 1)) return definition;
  return placeInEnvironment(definition, turnRound(environment));
}

function fieldsOf(stage: unknown): number {
  if (stage instanceof Map) return stage.size;
  return typeof stage === "object" && stage !== null && !Array.isArray(stage) ? Object.keys(stage).length : 0;
}

/** An environment in which what is there is called what modules call it. */
function turnRound(environment: Environment): Environment {
  const { dlq: _, connections, databases, collectionNames = {}, ...rest } = environment;
  const first = <Value>(entries: readonly (readonly [string, Value])[]): Record<string, Value> =>
    Object.fromEntries(entries.toReversed());
  return {
    ...rest,
    connections: first(
      Object.entries(connections).map(([key, each]) => [each.name ?? key, { ...each, name: key }] as const),
    ),
    databases: first(Object.entries(databases).map(([authored, here]) => [here, authored] as const)),
    collectionNames: first(
      Object.keys(collectionNames).map((authored) => {
        const [db, coll] = [authored.slice(0, authored.indexOf(".")), authored.slice(authored.indexOf(".") + 1)];
        const here = placeNamespace(db, coll, environment);
        return [`${here.db}.${here.coll}`, coll] as const;
      }),
    ),
  };
}
