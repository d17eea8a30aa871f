import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import type { Document } from "bson";
import { MongoClient } from "mongodb";
import { onTestFinished } from "vitest";
import type { EngineOptions, ProcessorStats } from "../../../src/engine/engine.ts";
import { findMongod } from "../../../src/mongod/find-mongod.ts";
import { startMongod } from "../../../src/mongod/start-mongod.ts";
import type { TestDatabase } from "../../support/mongod.ts";
import { dlq, freshName, mergeInto, runToEnd } from "../support.ts";

export interface Passed {
  /** In the database of the test. */
  readonly coll: string;
  readonly stats: ProcessorStats | undefined;
  /** By `_id`. */
  readonly documents: readonly Document[];
  readonly letters: readonly Document[];
}

/** Takes inline documents through stages, and reads what is stored and what became a dead letter. */
export async function pass(
  { client, ...database }: TestDatabase,
  documents: readonly Document[],
  stages: readonly Document[],
  options: Partial<EngineOptions> = {},
): Promise<Passed> {
  const [coll, letters] = [freshName(), freshName()];
  const definition = {
    name: coll,
    pipeline: [{ $source: { documents } }, ...stages, mergeInto(database.db, coll, { whenMatched: "replace" })],
    options: dlq(database.db, letters),
  };
  const [stats] = await runToEnd({ client, ...database }, [definition], options);
  const read = (name: string, sort: Document): Promise<Document[]> =>
    client
      .db(database.db)
      .collection<Document>(name)
      .find({}, { sort: sort as never })
      .toArray();
  return { coll, stats, documents: await read(coll, { _id: 1 }), letters: await read(letters, { "doc._id": 1 }) };
}

/** A mongod that runs no JavaScript, for one test. */
export async function withoutJavaScript(): Promise<TestDatabase> {
  const { path } = await findMongod({ env });
  const folder = await mkdtemp(join(tmpdir(), "asp-noscripting-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const wrapper = join(folder, "mongod");
  await writeFile(wrapper, `#!/bin/sh\nexec "${path}" "$@" --noscripting\n`);
  await chmod(wrapper, 0o755);
  const mongod = await startMongod({ env: { ...env, MONGOMS_SYSTEM_BINARY: wrapper } });
  onTestFinished(() => mongod.stop());
  const client = await new MongoClient(mongod.uri).connect();
  const close = (): Promise<void> => client.close();
  onTestFinished(close);
  return { client, uri: mongod.uri, db: "t", freshDb: () => "t", close };
}
