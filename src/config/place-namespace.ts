import type { Environment } from "./environment.ts";

/** A collection by its database's name and its own. */
export interface Namespace {
  readonly db: string;
  readonly coll: string;
}

/** What an environment says about names, as {@link Environment} has it. */
export type NamesHere = Pick<Environment, "databases" | "collectionNames">;

/**
 * What a collection is called in an environment, from what pipelines call it: its own name there where the environment gives one,
 * and the database's. Each stays where the environment says nothing; a field path, which no table holds, stays too.
 */
export function placeNamespace(db: string, coll: string, { databases, collectionNames = {} }: NamesHere): Namespace {
  return { db: look(databases, db) ?? db, coll: look(collectionNames, `${db}.${coll}`) ?? coll };
}

/** The other way round: what pipelines call a collection that is called `db.coll` in an environment. */
export function authoredNamespace(db: string, coll: string, names: NamesHere): Namespace {
  const { databases, collectionNames = {} } = names;
  const authored = Object.keys(collectionNames).find((name) => {
    const [own, other] = splitNamespace(name);
    const here = placeNamespace(own, other, names);
    return here.db === db && here.coll === coll;
  });
  if (authored !== undefined) {
    const [own, other] = splitNamespace(authored);
    return { db: own, coll: other };
  }
  return { db: Object.keys(databases).find((name) => databases[name] === db) ?? db, coll };
}

/** The first dot splits: a database's name has none. */
function splitNamespace(name: string): readonly [db: string, coll: string] {
  const dot = name.indexOf(".");
  return [name.slice(0, dot), name.slice(dot + 1)];
}

/** A name such as `constructor` must not find what every object has. */
function look(table: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
