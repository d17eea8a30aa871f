import type { Document } from "bson";
import { Long } from "bson";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MongoServerError } from "mongodb";
import { cutSlices, fillSlice, type FillParts } from "../../../src/deploy/rebuild/fill.ts";
import { matchSlice } from "../../../src/deploy/rebuild/slices.ts";
import { freshName } from "../../engine/support.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

/** Each read model is the list of the versions that reached it, in the order in which they did. */
const lists = {
  match: [{ $match: { type: { $in: ["kept"] } } }],
  stages: [{ $replaceWith: { _id: "$streamId", versions: [{ $add: ["$version", "$extra"] }] } }],
  merge: {
    whenMatched: [{ $set: { versions: { $concatArrays: ["$versions", "$$new.versions"] } } }],
    whenNotMatched: "insert",
  },
};

async function partsOf(events: readonly Document[], more: Partial<FillParts> = {}): Promise<FillParts> {
  const [from, to] = [freshName(), freshName()];
  const { client, db } = mongod;
  await client.db(db).command({ insert: from, documents: events });
  return {
    source: { client, db, coll: from },
    target: { client, db, coll: to },
    isOneCluster: true,
    stored: lists,
    streamPath: "streamId",
    versionPath: "version",
    signal: new AbortController().signal,
    ...more,
  };
}

async function fill(
  parts: FillParts,
): Promise<{ readonly skipped: readonly unknown[]; readonly models: readonly Document[] }> {
  const skipped: unknown[] = [];
  for (const slice of await cutSlices(parts)) skipped.push(...(await fillSlice(parts, slice)));
  const { client, db, coll } = parts.target;
  return { skipped, models: await client.db(db).collection(coll).find().sort({ _id: 1 }).toArray() };
}

/** Some versions are 64-bit, and the order in which events are stored says nothing. */
const shuffled = Array.from({ length: 3000 }, (_, index) => {
  const number = (index * 1237) % 3000;
  const version = Math.floor(number / 30);
  return {
    _id: number,
    streamId: `s${String(number % 30).padStart(2, "0")}`,
    version: number % 7 === 0 ? Long.fromNumber(version) : version,
    extra: 0,
    type: number % 11 === 0 ? "other" : "kept",
  };
});

const expected = (events: readonly Document[]): readonly Document[] =>
  [...new Set(events.map(({ streamId }) => streamId as string))].toSorted().map((streamId) => ({
    _id: streamId,
    versions: events
      .filter((event) => event["streamId"] === streamId && event["type"] === "kept")
      .map(({ version }) => Number(version))
      .toSorted((a, b) => a - b),
  }));

describe.each([true, false])("filling, where the server writes what it reads: %s", (isOneCluster) => {
  test("applies the events of each stream in the order of their versions", async () => {
    const { skipped, models } = await fill(await partsOf(shuffled, { isOneCluster, eventsPerSlice: 400 }));
    expect(skipped).toEqual([]);
    expect(models).toEqual(expected(shuffled));
  });

  test("keeps every type of BSON on its way", async () => {
    const values = { long: Long.fromNumber(5), whole: 5, at: new Date(5), order: { z: 1, a: 2 } };
    const parts = await partsOf([{ _id: 1, streamId: "a", version: 1, ...values }], {
      isOneCluster,
      stored: { match: [], stages: [], merge: { whenMatched: "replace", whenNotMatched: "insert" } },
    });
    await fill(parts);
    const { client, db, coll } = parts.target;
    const types = { long: { $type: "$long" }, whole: { $type: "$whole" }, at: { $type: "$at" }, order: "$order" };
    const [found] = await client
      .db(db)
      .collection(coll)
      .aggregate([{ $project: types }])
      .toArray();
    expect(found).toEqual({ _id: 1, long: "long", whole: "int", at: "date", order: { z: 1, a: 2 } });
    expect(Object.keys(found?.["order"])).toEqual(["z", "a"]);
  });

  test("leaves out the events that fail, and applies what comes after them", async () => {
    const broken = new Set([31, 400, 401, 2999]);
    const events = shuffled.map((event) => (broken.has(event._id) ? { ...event, extra: "text", type: "kept" } : event));
    // Read models that are lists would show what is applied twice: here the same slice may be tried again and again.
    const guarded = {
      ...lists,
      stages: [{ $replaceWith: { _id: "$streamId", v: { $add: ["$version", "$extra"] }, n: 1 } }],
      merge: {
        whenMatched: [
          {
            $replaceWith: {
              $cond: [{ $gte: ["$v", "$$new.v"] }, "$$ROOT", { _id: "$_id", v: "$$new.v", n: { $add: ["$n", 1] } }],
            },
          },
        ],
        whenNotMatched: "insert",
      },
    };
    const { skipped, models } = await fill(
      await partsOf(events, { isOneCluster, stored: guarded, eventsPerSlice: 400 }),
    );
    expect(new Set(skipped.map((each) => Number((each as Document)["_id"])))).toEqual(broken);
    expect(skipped[0]).toMatchObject({ reason: expect.stringContaining("$add only supports numeric or date types") });
    expect(models.map(({ _id, n }) => [_id, n])).toEqual(
      expected(events.filter(({ _id }) => !broken.has(_id))).map(({ _id, versions }) => [_id, versions.length]),
    );
  });
});

test("slices hold every event once, whatever the types of streams, and never a part of a stream", async () => {
  const kinds: readonly unknown[] = [null, 1, Long.fromNumber(2), 2.5, "a", "b", new Date(0), true, { nested: 1 }];
  const events = Array.from({ length: 400 }, (_, index) => {
    const stream = index % 10 === 9 ? {} : { streamId: kinds[index % 9] };
    return { _id: index, ...stream, version: index, extra: 0, type: "kept" };
  });
  const parts = await partsOf(events, { eventsPerSlice: 50 });
  const slices = await cutSlices(parts);
  expect(slices.length).toBeGreaterThan(3);
  const { client, db, coll } = parts.source;
  const found: Document[][] = [];
  for (const slice of slices) {
    found.push(
      await client
        .db(db)
        .collection(coll)
        .aggregate(matchSlice("streamId", slice) as Document[])
        .toArray(),
    );
  }
  expect(found.map(({ length }) => length)).toEqual(slices.map(({ events: count }) => count));
  expect(
    found
      .flat()
      .map(({ _id }) => Number(_id))
      .toSorted((a, b) => a - b),
  ).toEqual(events.map(({ _id }) => _id));
  const streams = found.map((part) => new Set(part.map(({ streamId }) => JSON.stringify(streamId ?? null))));
  for (const [index, own] of streams.entries()) {
    for (const other of streams.slice(index + 1)) expect([...own].filter((stream) => other.has(stream))).toEqual([]);
  }
});

// What these say is no event's fault: one that was left out for it would be lost.
test.each([
  [112, "WriteConflict"],
  [237, "CursorKilled"],
  [262, "ExceededTimeLimit"],
  [11_601, "Interrupted"],
])("an error that passes by itself leaves out no event: %i %s", async (code, codeName) => {
  const parts = await partsOf([{ _id: 1, streamId: "a", version: 1, extra: 0, type: "kept" }]);
  const { client, db: name } = mongod;
  let failures = 0;
  const db = client.db(name);
  const failing = Object.create(client, {
    db: {
      value: () =>
        Object.create(db, {
          command: {
            value: async (command: Document, options: Document) => {
              if (!("aggregate" in command) || failures === 2) return await db.command(command, options);
              failures += 1;
              throw new MongoServerError({ code, codeName, message: codeName });
            },
          },
        }) as typeof db,
    },
  }) as typeof client;
  const { skipped, models } = await fill({ ...parts, source: { ...parts.source, client: failing } });
  expect(failures).toBe(2);
  expect(skipped).toEqual([]);
  expect(models).toEqual([{ _id: "a", versions: [1] }]);
});
