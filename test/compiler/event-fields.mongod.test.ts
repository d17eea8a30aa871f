import type { Document } from "bson";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectMongod } from "../support/mongod.ts";
import type { TestDatabase } from "../support/mongod.ts";
import { eventPipelines } from "./event-pipelines.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

/** The first event of a change stream with this pipeline, or why there is none. */
async function firstEvent(pipeline: readonly Document[]): Promise<Document | "refused"> {
  const collection = mongod.client.db(mongod.db).collection("events");
  const cursor = collection.aggregate([{ $changeStream: { startAtOperationTime: began } }, ...pipeline]);
  try {
    return (await cursor.next()) ?? {};
  } catch (error) {
    expect(String(error)).toContain("resume token");
    return "refused";
  } finally {
    await cursor.close();
  }
}

let began: unknown;
beforeAll(async () => {
  const database = mongod.client.db(mongod.db);
  await database.createCollection("events");
  began = (await database.command({ ping: 1 }))["operationTime"];
  await database.collection("events").insertOne({ a: 5 });
});

describe("what is said to be lost of an event is what a real change stream loses", () => {
  test.each(eventPipelines.map((each) => [each.pipeline, each] as const))(
    "%j",
    async (pipeline, { loses, unsaid = [] }) => {
      const [plain, event] = [await firstEvent([]), await firstEvent(pipeline)];
      const lost = [...loses, ...unsaid];
      expect(event === "refused").toBe(lost.includes("_id"));
      if (event === "refused" || plain === "refused") return;
      for (const field of ["wallTime", "clusterTime"] as const) {
        expect(JSON.stringify(event[field]) === JSON.stringify(plain[field])).toBe(!lost.includes(field));
      }
    },
  );
});
