import { MongoClient } from "mongodb";
import type { Collection, Document, ResumeToken } from "mongodb";
import type { Cluster } from "../../src/engine/engine.ts";
import { startMongod } from "../../src/mongod/start-mongod.ts";

/** A mongod of its own, with the collection that everybody reads. */
export interface EventStore extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly client: MongoClient;
  readonly mongodPid: number;
  readonly events: Collection<Document>;
  insert(events: Iterable<Document>): Promise<void>;
}

export async function startEventStore(collections: readonly string[]): Promise<EventStore> {
  const mongod = await startMongod({ env: process.env });
  const client = await new MongoClient(mongod.uri).connect();
  const db = client.db("shop");
  // Nobody's time is spent on making collections.
  for (const name of ["events", ...collections]) await db.createCollection(name);
  const events = db.collection("events");
  return {
    cluster: { name: "bench", client },
    client,
    mongodPid: mongod.pid,
    events,
    insert: async (documents) => {
      for (const batch of batches(documents, 5_000))
        await events.insertMany(batch, { writeConcern: { w: "majority" } });
    },
    [Symbol.asyncDispose]: async () => {
      await client.close();
      await mongod.stop();
    },
  };
}

/** Where the change stream of the events is now. */
export async function readPosition({ events }: EventStore): Promise<ResumeToken> {
  const stream = events.watch();
  try {
    await stream.tryNext();
    return stream.resumeToken;
  } finally {
    await stream.close();
  }
}

function* batches<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
