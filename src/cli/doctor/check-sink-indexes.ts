import type { Document } from "bson";
import type { MongoClient } from "mongodb";
import type { Definition } from "../../stages/definition.ts";
import type { Check } from "./check.ts";

const namespaceNotFound = 26;

/** The unique indexes that `on` of a `$merge` needs, on a cluster as it is. `_id` always has one. */
export async function checkSinkIndexes(
  definitions: readonly Definition[],
  connectionName: string,
  client: MongoClient,
): Promise<readonly Check[]> {
  const checks = definitions.map(async ({ name: processor, pipeline }): Promise<readonly Check[]> => {
    const sink = toSink(pipeline.at(-1)?.["$merge"]);
    if (sink === undefined || sink.connectionName !== connectionName) return [];
    const { db, coll, on } = sink;
    const name = `processor ${processor}`;
    const indexes = await client.db(db).collection(coll).indexes().catch(noIndexes);
    const has = indexes.some(({ key, unique, partialFilterExpression }) => {
      const fields = Object.keys(key);
      return unique === true && partialFilterExpression === undefined && isSameSet(fields, on);
    });
    if (has) return [{ name, status: "ok", detail: `${db}.${coll} has the unique index on ${on.join(", ")}` }];
    const key = `{ ${on.map((field) => `"${field}": 1`).join(", ")} }`;
    return [
      {
        name,
        status: "error",
        fault: "world",
        detail: `${db}.${coll} has no unique index on ${on.join(", ")}, and \`$merge\` with that \`on\` fails without`,
        help: `make it: \`db.${coll}.createIndex(${key}, { unique: true })\``,
      },
    ];
  });
  return (await Promise.all(checks)).flat();
}

interface Sink {
  readonly connectionName: string;
  readonly db: string;
  readonly coll: string;
  readonly on: readonly string[];
}

/** Undefined where no index is needed, or which one is only known when it runs. */
function toSink(merge: unknown): Sink | undefined {
  const { into, on } = (merge ?? {}) as { readonly into?: Document; readonly on?: unknown };
  const fields = [on].flat().filter((field): field is string => typeof field === "string");
  if (fields.length === 0 || isSameSet(fields, ["_id"])) return undefined;
  const names = [into?.["connectionName"], into?.["db"], into?.["coll"]];
  const [connectionName, db, coll] = names.filter(
    (name): name is string => typeof name === "string" && !name.startsWith("$"),
  );
  if (connectionName === undefined || db === undefined || coll === undefined) return undefined;
  return { connectionName, db, coll, on: fields };
}

function isSameSet(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((each) => others.includes(each));
}

function noIndexes(error: Error & { readonly code?: unknown }): readonly [] {
  if (error.code === namespaceNotFound) return [];
  throw error;
}
