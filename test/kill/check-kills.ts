import { expect } from "vitest";
import type { Db } from "mongodb";
import { connectMongod } from "../support/mongod.ts";
import { foldEvents } from "./fold-events.ts";
import { killRepeatedly, type Kills } from "./kill-repeatedly.ts";

/** Kills `asp run` so many times and expects the read models to be the fold of the events that were written meanwhile. */
export async function checkKills(options: {
  readonly kills: number;
  readonly longestMs: number;
  readonly seed: number;
}): Promise<Kills> {
  const mongod = await connectMongod();
  try {
    const result = await killRepeatedly({ ...options, client: mongod.client, uri: mongod.uri, db: mongod.db });
    process.stderr.write(`kills, seed ${options.seed}: ${JSON.stringify(result)}\n`);
    const database = mongod.client.db(mongod.db);
    const events = await database.collection("events").find().toArray();
    expect(events).toHaveLength(result.events);
    const wanted = foldEvents(events);
    expect(await readModel(database, "orders")).toEqual(wanted.orders);
    expect(await readModel(database, "customers")).toEqual(wanted.customers);
    expect(result.lastExitCode).toBe(0);
    return result;
  } finally {
    await mongod.close();
  }
}

async function readModel(database: Db, coll: string): Promise<Record<string, unknown>> {
  const documents = await database
    .collection(coll)
    .find({ "_asp.deleted": { $ne: true } })
    .toArray();
  return Object.fromEntries(documents.map(({ _asp, ...document }) => [String(document._id), document]));
}
