import { toCreateOptions, toIndexOptions } from "../compiler/collection-settings.ts";
import { neededIndex } from "../compiler/project/needed-index.ts";
import type { Environment } from "../config/environment.ts";
import { placeNamespace } from "../config/place-namespace.ts";
import { configName } from "../engine/open-clusters.ts";
import type { Definition } from "../stages/definition.ts";
import type { DesiredCollection, DesiredIndex } from "./plan/desired.ts";
import { namespacesIn, sinkOf } from "./plan/read-flow.ts";

/**
 * The collections that the config lists, in the names of the environment, and the unique indexes that the `$merge` of a definition needs.
 *
 * @param only whether those that no definition names are left out
 */
export function toDesiredCollections(
  environment: Environment,
  definitions: readonly Definition[],
  { only }: { readonly only: boolean },
): readonly DesiredCollection[] {
  const named = new Set(
    definitions.flatMap((definition) =>
      namespacesIn(definition).map(({ connectionName, db, coll }) =>
        keyOf({ cluster: toCluster(connectionName, environment), db, coll }),
      ),
    ),
  );
  const wanted = new Map<string, DesiredCollection>();
  const add = ({ indexes, ...collection }: DesiredCollection): void => {
    const known = wanted.get(keyOf(collection));
    wanted.set(keyOf(collection), { ...known, ...collection, indexes: [...(known?.indexes ?? []), ...indexes] });
  };
  for (const spec of environment.collections) {
    const place = {
      cluster: toCluster(spec.connectionName, environment),
      ...placeNamespace(spec.db, spec.coll, environment),
    };
    if (only && !named.has(keyOf(place))) continue;
    const indexes = (spec.indexes ?? []).map((index): DesiredIndex => {
      return { kind: "listed", key: index.key, options: toIndexOptions(index) };
    });
    add({ ...place, options: toCreateOptions(spec), indexes });
  }
  for (const definition of definitions) {
    const needed = neededIndex(sinkOf(definition));
    if (needed === undefined) continue;
    const { connectionName, db, coll, fields } = needed;
    const index: DesiredIndex = { kind: "needed", fields, processor: definition.name };
    add({ cluster: toCluster(connectionName, environment), db, coll, indexes: [index] });
  }
  return [...wanted.values()];
}

/**
 * The config's name of a connection, whichever side a name comes from. Several may be one connection of the workspace: then the one that
 * says where the cluster is.
 */
function toCluster(name: string, environment: Environment): string {
  const { connections, target } = environment;
  const inWorkspace = (key: string): string => (target === "emulator" ? key : (connections[key]?.name ?? key));
  const key = configName(environment, name);
  if (!Object.hasOwn(connections, key) || connections[key]?.uri !== undefined) return key;
  const same = Object.keys(connections).filter((other) => inWorkspace(other) === inWorkspace(key));
  return same.find((other) => connections[other]?.uri !== undefined) ?? key;
}

function keyOf({ cluster, db, coll }: Pick<DesiredCollection, "cluster" | "db" | "coll">): string {
  return JSON.stringify([cluster, db, coll]);
}
