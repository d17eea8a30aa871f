import type { MongoClient } from "mongodb";
import { join } from "node:path";
import type { Environment } from "../../config/environment.ts";
import { authoredNamespace, placeNamespace } from "../../config/place-namespace.ts";
import { toSegment } from "../../engine/core/capture-path.ts";
import { fromNamespace, topicDb, toNamespace } from "../case/given.ts";
import type { CollectionName } from "../case/given.ts";
import type { WrittenCollection } from "./end-state.ts";
import { reaches } from "./flow.ts";
import type { Kept } from "./flow.ts";
import { collectionsGiven } from "./prepare-case.ts";
import type { PreparedCase } from "./prepare-case.ts";
import type { TestMongod } from "./test-mongod.ts";
import type { EmittedMessages } from "./trial-topics.ts";

/**
 * The collections that the processors of a case write: those that their sinks name, and where an expression computes the
 * name, those that are there at the end and that nothing else has filled, or that then/ names. Topics are among them.
 */
export async function findWrittenCollections(
  { cluster: { client }, captureDir }: TestMongod,
  { flows, definitions, environment, fixture }: PreparedCase,
  emitted: EmittedMessages,
): Promise<readonly WrittenCollection[]> {
  const processors = new Map<string, string[]>();
  const keeping = new Map<string, Kept>();
  const add = ({ kept, ...name }: CollectionName & { readonly kept?: Kept }, processor: string): void => {
    const namespace = toNamespace(name);
    processors.set(namespace, [...(processors.get(namespace) ?? []), processor]);
    if (kept !== undefined) keeping.set(namespace, kept);
  };
  const here = ({ db, coll }: CollectionName): string => toNamespace(placeNamespace(db, coll, environment));
  const letters = definitions.flatMap(({ options }) => (options?.dlq === undefined ? [] : [toNamespace(options.dlq)]));
  const expected = new Set(fixture.expected.map(here));
  const filled = [...collectionsGiven(fixture), ...fixture.seed].map(here).filter((name) => !expected.has(name));
  const others = new Set([...filled, ...letters]);
  let there: readonly CollectionName[] | undefined;
  for (const { name, writes } of flows) {
    for (const { db, coll, kept } of writes) {
      const how = kept === undefined ? {} : { kept };
      if (db !== undefined && coll !== undefined) {
        add({ db, coll, ...how }, name);
        continue;
      }
      if (kept === "topic") {
        for (const topic of emitted.keys()) add({ db: topicDb, coll: topic, kept }, name);
        continue;
      }
      there ??= await listCollections(client, environment);
      const reach = { ...(db === undefined ? {} : { db }), ...(coll === undefined ? {} : { coll }) };
      for (const one of there) {
        if (reaches(reach, one) && !others.has(toNamespace(one))) add({ ...one, ...how }, name);
      }
    }
  }
  return [...processors].flatMap(([namespace, names]) => {
    const name = fromNamespace(namespace);
    if (name === undefined) return [];
    const kept = keeping.get(namespace);
    return [
      {
        ...name,
        label: kept === "captured" || kept === "topic" ? namespace : toLabel(name, environment),
        processors: names,
        ...(kept === undefined ? {} : { isKeyed: false }),
        ...(kept === "topic" ? { messages: emitted.get(name.coll) ?? [] } : {}),
        ...(kept === "captured" ? { dir: join(captureDir, toSegment(name.coll)) } : {}),
      },
    ];
  });
}

/** The name that authors use, where the environment has another one. */
function toLabel({ db, coll }: CollectionName, environment: Environment): string {
  return toNamespace(authoredNamespace(db, coll, environment));
}

async function listCollections(client: MongoClient, environment: Environment): Promise<readonly CollectionName[]> {
  const { databases } = await client.db("admin").admin().listDatabases({ nameOnly: true });
  const own = new Set(["admin", "config", "local", environment.checkpoints.db]);
  const lists = databases
    .filter(({ name }) => !own.has(name))
    .map(async ({ name }) => {
      const collections = await client.db(name).listCollections({}, { nameOnly: true }).toArray();
      return collections.filter((one) => !one.name.startsWith("system.")).map((one) => ({ db: name, coll: one.name }));
    });
  return (await Promise.all(lists)).flat();
}
