import type { Document } from "bson";
import type { MongoClient } from "mongodb";
import { onTestFinished } from "vitest";
import type { Connections } from "../../src/engine/connections.ts";
import type { Engine, EngineOptions, ProcessorStats } from "../../src/engine/engine.ts";
import { startEngine } from "../../src/engine/start-engine.ts";
import type { Definition } from "../../src/stages/definition.ts";
import type { TestDatabase } from "../support/mongod.ts";

/** Starts processors on the test mongod; every connection name is that mongod. Stopped when the test ends. */
export async function run(
  database: TestDatabase,
  definitions: readonly Definition[],
  options: Partial<EngineOptions> = {},
): Promise<Engine> {
  const cluster = { name: "test", client: database.client };
  const engine = await startEngine(definitions, {
    cluster: () => cluster,
    checkpoints: { cluster, db: database.db },
    checkpointIntervalMs: 50,
    ...options,
  });
  onTestFinished(() => engine.stop());
  return engine;
}

/** Runs processors of inline documents to their end. */
export async function runToEnd(
  database: TestDatabase,
  definitions: readonly Definition[],
  options: Partial<EngineOptions> = {},
): Promise<readonly ProcessorStats[]> {
  const cluster = { name: "test", client: database.client };
  const engine = await startEngine(definitions, {
    cluster: () => cluster,
    checkpoints: { cluster, db: database.db },
    ...options,
  });
  await engine.ended;
  await engine.stop();
  return engine.stats();
}

/** Connections that only what is captured goes through, as files in a folder. */
export function capturingIn(captureDir: string): Connections {
  return {
    settings: (name) => {
      throw new Error(`nobody asks for the settings of ${name}`);
    },
    broker: (name) => {
      throw new Error(`nobody asks for the broker of ${name}`);
    },
    captureDir,
    close: async () => undefined,
  };
}

/** Whether the mongod of the tests has the stage that cuts events larger than 16 MB, by trying it. */
export async function hasSplitStage({ client, db }: TestDatabase): Promise<boolean> {
  const stages = [{ $changeStreamSplitLargeEvent: {} }];
  const stream = client.db(db).watch(stages);
  try {
    await stream.tryNext();
    return true;
  } catch (error) {
    const unrecognizedStage = 40_324;
    if ((error as { readonly code?: unknown }).code === unrecognizedStage) return false;
    throw error;
  } finally {
    await stream.close();
  }
}

/** What a collection holds, by `_id`, with the types it was stored with. */
export async function stored(client: MongoClient, db: string, coll: string): Promise<readonly Document[]> {
  return client
    .db(db)
    .collection(coll)
    .find({}, { sort: { _id: 1 }, promoteValues: false, promoteLongs: false })
    .toArray();
}

/** The same as bytes in hex: equal only where types and the order of fields are. */
export async function storedBytes(client: MongoClient, db: string, coll: string): Promise<readonly string[]> {
  const found = await client
    .db(db)
    .collection(coll)
    .find({}, { sort: { _id: 1 }, raw: true })
    .toArray();
  return (found as unknown as readonly Uint8Array[]).map(hex);
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** A name that no other collection of the test run has. */
export function freshName(): string {
  next += 1;
  return `c${next}`;
}

let next = 0;

/** `$source` of a collection's inserted documents. */
export function eventsOf(db: string, coll: string, config: Document = {}): Document {
  return { $source: { connectionName: "c", db, coll, config: { fullDocumentOnly: true, ...config } } };
}

export function mergeInto(db: unknown, coll: unknown, more: Document = {}): Document {
  return { $merge: { into: { connectionName: "c", db, coll }, ...more } };
}

export function dlq(db: string, coll: string): { readonly dlq: { connectionName: string; db: string; coll: string } } {
  return { dlq: { connectionName: "c", db, coll } };
}
