import type { MongoClient } from "mongodb";
import type { Environment } from "../../config/resolve-environment.ts";
import type { CollectionSpec } from "../../config/config.ts";
import { placeNamespace } from "../../config/place-namespace.ts";
import type { Check } from "./check.ts";

/** Whether a cluster has the collections and indexes that the config lists for a connection. */
export async function checkCollections(
  environment: Environment,
  connectionName: string,
  client: MongoClient,
): Promise<readonly Check[]> {
  const wanted = environment.collections.filter((spec) => spec.connectionName === connectionName);
  const checks = await Promise.all(wanted.map((spec) => checkCollection(environment, spec, client)));
  return checks.flat();
}

async function checkCollection(
  environment: Environment,
  authored: CollectionSpec,
  client: MongoClient,
): Promise<readonly Check[]> {
  const spec = { ...authored, ...placeNamespace(authored.db, authored.coll, environment) };
  const database = client.db(spec.db);
  const name = `collection ${database.databaseName}.${spec.coll}`;
  const error = (detail: string): Check => ({ name, status: "error", fault: "world", detail });
  const [info] = await database.listCollections({ name: spec.coll }).toArray();
  if (info === undefined) return [error(`is not there; ${spec.connectionName} needs it`)];

  const options = (info as { readonly options?: Readonly<Record<string, unknown>> }).options ?? {};
  const problems: Check[] = [];
  const images = options["changeStreamPreAndPostImages"] as { readonly enabled?: boolean } | undefined;
  if (spec.changeStreamPreAndPostImages?.enabled === true && images?.enabled !== true) {
    problems.push(error("keeps no pre- and post-images: changeStreamPreAndPostImages is off"));
  }
  if (spec.validator !== undefined && options["validator"] === undefined) problems.push(error("has no validator"));
  const there = options["timeseries"] === undefined ? await database.collection(spec.coll).indexes() : [];
  for (const index of options["timeseries"] === undefined ? (spec.indexes ?? []) : []) {
    const found = there.find(({ key }) => JSON.stringify(key) === JSON.stringify(index.key));
    const shown = JSON.stringify(index.key);
    if (found === undefined) problems.push(error(`has no index ${shown}`));
    else if (index.unique === true && found.unique !== true) problems.push(error(`the index ${shown} is not unique`));
  }
  if (problems.length > 0) return problems;
  const count = spec.indexes?.length ?? 0;
  return [{ name, status: "ok", detail: `is there, ${count} ${count === 1 ? "index" : "indexes"}` }];
}
