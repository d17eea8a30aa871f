import { ReadPreference, type MongoClient } from "mongodb";
import type { ChangeStreamPlan } from "../core/plan-source.ts";
import type { Cluster } from "../engine.ts";

/**
 * Which members a source reads from. A set of one member has its primary and nothing else: it is read whatever the processor prefers, or
 * none that prefers a secondary would run on a local mongod.
 */
export async function readPreferenceOf(
  { readPreference }: Pick<ChangeStreamPlan, "readPreference">,
  { client }: Cluster,
): Promise<ReadPreference> {
  if (readPreference.mode === "primary") return ReadPreference.primary;
  const { hosts = [], passives = [] } = await client.db("admin").command({ hello: 1 });
  const isAlone = [...(hosts as readonly string[]), ...(passives as readonly string[])].length <= 1;
  return isAlone ? ReadPreference.primary : new ReadPreference(readPreference.mode, [...(readPreference.tags ?? [])]);
}

/**
 * A client for a cursor that is read with commands of its own: all of them go to the member that has the cursor. Where the cluster gives no
 * access to single members, that is the primary.
 */
export async function clientFor(cluster: Cluster, readPreference: ReadPreference): Promise<MongoClient> {
  if (readPreference.mode === "primary" || cluster.member === undefined) return cluster.client;
  const { me } = await cluster.client.db("admin").command({ hello: 1 }, { readPreference });
  return cluster.member(String(me));
}
