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

/** A name such as `constructor` must not find what every object has. */
function look(table: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
