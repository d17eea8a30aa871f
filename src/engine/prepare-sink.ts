import { ObjectId } from "bson";
import type { Document } from "bson";
import { AspError } from "../diagnostics/asp-error.ts";
import type { Cluster } from "./engine.ts";
import { isLiteralText, type MergePlan } from "./core/plan-sink.ts";
import { serverReason } from "./core/server-reason.ts";
import { withRetries } from "./retry.ts";

const missingIndex = 51183;

/**
 * Asks the server whether it would take a processor's `$merge`: the fields of `on` need a unique index, and the `whenMatched`
 * pipeline must be one that it can run. Nothing is written.
 *
 * @throws AspError ASP5105 without the index, ASP5106 where the server refuses the `$merge`
 */
export async function prepareSink(name: string, plan: MergePlan, cluster: Cluster): Promise<void> {
  const { db, coll, on, whenMatched, let: variables } = plan;
  if (!isLiteralText(db) || !isLiteralText(coll)) return;
  await refuseOtherKinds(name, cluster, { db, coll });
  const pipeline: Document[] = [{ $documents: [] }];
  if (Array.isArray(whenMatched)) {
    // A `$merge` that gets no documents does not look at its `whenMatched`; a `$lookup` parses it, with its variables.
    const names = new Set(["new", ...Object.keys(variables ?? {})]);
    const bound = Object.fromEntries([...names].map((name) => [name, "$a"]));
    pipeline.push({ $lookup: { from: coll, let: bound, pipeline: whenMatched, as: "a" } });
  }
  pipeline.push({ $merge: { into: { db, coll }, on: [...on] } });
  try {
    await cluster.client.db(db).command({ aggregate: 1, pipeline, cursor: {} });
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === missingIndex) throw missing(name, plan, db, coll, error);
    throw new AspError("ASP5106", `\`${name}\` cannot write to ${db}.${coll}: ${serverReason(error)}`, {
      cause: error,
    });
  }
}

/** A view and a time series collection are refused by the server only when a document comes. */
async function refuseOtherKinds(
  name: string,
  { client }: Cluster,
  { db, coll }: { readonly db: string; readonly coll: string },
): Promise<void> {
  // Who may write to a collection need not be allowed to list them.
  const found = await client
    .db(db)
    .listCollections({ name: coll }, { nameOnly: true })
    .toArray()
    .catch(() => []);
  const type = found[0]?.type ?? "collection";
  if (type === "collection") return;
  const kind = type === "timeseries" ? "time series collection" : type;
  throw new AspError("ASP5106", `\`${name}\` cannot write to ${db}.${coll}: it is a ${kind}`, {
    help: "merge into another collection",
  });
}

function missing(name: string, plan: MergePlan, db: string, coll: string, cause: unknown): AspError {
  const keys = JSON.stringify(Object.fromEntries(plan.on.map((field) => [field, 1])));
  return new AspError(
    "ASP5105",
    `\`${name}\` merges on ${plan.on.join(", ")}, and ${db}.${coll} has no unique index on that`,
    {
      help: `list it under \`collections\` in atlas.config.yaml, or run db.getSiblingDB(${JSON.stringify(db)}).${coll}.createIndex(${keys}, { unique: true })`,
      cause,
    },
  );
}

/** An election is over by then. */
const probeWithinMs = 15_000;

/**
 * Tries the form of `update` that `$merge` is made of: constants beside a pipeline, and an upsert that inserts the incoming
 * document as it is. It is no stable part of the server's API.
 *
 * @throws AspError ASP5101 where a cluster does not have it
 */
export async function probeUpdates(clusters: ReadonlySet<Cluster>, db: string): Promise<void> {
  for (const cluster of clusters) {
    const probe = { _id: new ObjectId(), a: 1 };
    const update = {
      q: { _id: probe._id },
      u: [{ $replaceWith: "$$new" }],
      c: { new: probe },
      upsert: true,
      upsertSupplied: true,
    };
    const database = cluster.client.db(db);
    const collection = database.collection<Document>("asp_probe");
    const reply = await withRetries(
      () => database.command({ update: "asp_probe", updates: [update] }),
      AbortSignal.timeout(probeWithinMs),
    ).catch((cause: unknown) => {
      throw new AspError(
        "ASP5101",
        `The cluster "${cluster.name}" refuses what a \`$merge\` is made of: ${serverReason(cause)}`,
        {
          cause,
        },
      );
    });
    const stored = await collection.findOne({ _id: probe._id });
    await collection.deleteOne({ _id: probe._id });
    if (reply["n"] !== 1 || stored?.["a"] !== 1) {
      throw new AspError(
        "ASP5101",
        `The cluster "${cluster.name}" has another \`update\` command than a \`$merge\` is made of`,
        {
          help: "run the processors on a MongoDB 6.0 or newer replica set",
        },
      );
    }
  }
}
