import { MongoError, type Db } from "mongodb";
import { isAspError } from "../../diagnostics/asp-error.ts";
import { findCollection } from "../../engine/prepare-collections.ts";
import type { DesiredCollection } from "../plan/desired.ts";
import type { RemoteCluster, RemoteCollection, RemoteIndex } from "../plan/remote.ts";
import type { RemoteClusters } from "./open-remote-clusters.ts";

/** What clusters have of the collections that are wanted, by connection. One that cannot be read is no failure: a plan says so. */
export async function readClusters(
  desired: readonly DesiredCollection[],
  clusters: RemoteClusters,
): Promise<ReadonlyMap<string, RemoteCluster>> {
  const byCluster = new Map<string, DesiredCollection[]>();
  for (const wanted of desired) {
    const known = byCluster.get(wanted.cluster);
    if (known === undefined) byCluster.set(wanted.cluster, [wanted]);
    else known.push(wanted);
  }
  const read = [...byCluster].map(async ([name, wanted]) => [name, await readCluster(name, wanted, clusters)] as const);
  return new Map(await Promise.all(read));
}

async function readCluster(
  name: string,
  wanted: readonly DesiredCollection[],
  clusters: RemoteClusters,
): Promise<RemoteCluster> {
  try {
    const client = await clusters.open(name);
    const found = await Promise.all(wanted.map(({ db, coll }) => readCollection(client.db(db), coll)));
    return { kind: "read", collections: found.filter((each) => each !== undefined) };
  } catch (error) {
    if (isAspError(error)) return { kind: "unread", reason: error.message };
    // Nobody who may only write documents has to be allowed to list collections.
    if (error instanceof MongoError) return { kind: "unread", reason: `it cannot be read (${refusalOf(error)})` };
    throw error;
  }
}

async function readCollection(db: Db, coll: string): Promise<RemoteCollection | undefined> {
  const found = await findCollection(db, coll);
  if (found === undefined) return undefined;
  const indexes = found.type === "view" ? [] : await readIndexes(db, coll);
  return { db: db.databaseName, coll, ...found, indexes };
}

/** Those of a collection; none of one that is not there. */
export async function readIndexes(db: Db, coll: string): Promise<readonly RemoteIndex[]> {
  try {
    return (await db.collection(coll).listIndexes().toArray()) as readonly RemoteIndex[];
  } catch (error) {
    if (error instanceof MongoError && error.code === namespaceNotFound) return [];
    throw error;
  }
}

const namespaceNotFound = 26;

function refusalOf(error: MongoError): string {
  const name: unknown = "codeName" in error ? error.codeName : undefined;
  return typeof name === "string" ? name : error.name;
}
