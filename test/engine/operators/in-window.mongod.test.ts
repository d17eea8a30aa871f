import type { Document } from "bson";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Connection } from "../../../src/config/environment.ts";
import { openConnections } from "../../../src/engine/open-connections.ts";
import { local } from "../../compiler/support.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { dlq, freshName, mergeInto, run } from "../support.ts";
import { connectionsOf, json, serve } from "./http-server.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const atMs = Date.UTC(2020, 1, 2);

/** Takes six documents of one minute, and a later one, through a tumbling window of a minute. */
async function inWindow(pipeline: readonly Document[], url: string, after: readonly Document[] = []) {
  const [name, letters] = [freshName(), freshName()];
  const times = [0, 1, 2, 3, 4, 5, 200];
  const documents = times.map((seconds, _id) => ({ _id, key: _id % 2, at: new Date(atMs + seconds * 1000) }));
  const definition = {
    name,
    pipeline: [
      { $source: { documents, timeField: { $toDate: "$at" } } },
      { $tumblingWindow: { interval: { size: 1, unit: "minute" }, pipeline: [...pipeline] } },
      ...after,
      mergeInto(mongod.db, name, { whenMatched: "replace" }),
    ],
    options: dlq(mongod.db, letters),
  };
  const engine = await run(mongod, [definition], {
    clock: () => atMs,
    connections: connectionsOf({ web: { type: "Https", url } }),
  });
  await engine.caughtUp();
  expect(engine.stats()[0]?.error).toBeUndefined();
  const read = (coll: string): Promise<readonly Document[]> =>
    mongod.client.db(mongod.db).collection(coll).find().sort({ _id: 1 }).toArray();
  return { documents: await read(name), letters: await read(letters) };
}

describe("within a window", () => {
  test("$https asks for what a $group gives, and after the window too", async () => {
    const server = await serve(({ url }, response) => json(response, { asked: url }));
    const ask = (as: string): Document => ({
      $https: { connectionName: "web", path: { $concat: ["/", { $toString: "$_id" }] }, as },
    });
    const { documents, letters } = await inWindow(
      [{ $group: { _id: "$key", count: { $count: {} } } }, ask("inside")],
      server.url,
      [
        ask("after"),
        { $set: { start: { $meta: "stream.window.start" }, status: { $meta: "stream.https.httpStatusCode" } } },
      ],
    );
    expect(letters).toEqual([]);
    expect(documents).toEqual(
      [0, 1].map((_id) => ({
        _id,
        count: 3,
        inside: { asked: `/${_id}` },
        after: { asked: `/${_id}` },
        start: new Date(atMs),
        status: 200,
      })),
    );
  });

  test("$https before a $group, whose refused document is a dead letter", async () => {
    const server = await serve(({ url }, response) => json(response, 1, url === "/4" ? 404 : 200));
    const path = { $concat: ["/", { $toString: "$_id" }] };
    const { documents, letters } = await inWindow(
      [{ $https: { connectionName: "web", path, as: "one" } }, { $group: { _id: "$key", sum: { $sum: "$one" } } }],
      server.url,
    );
    expect(documents).toEqual([
      { _id: 0, sum: 2 },
      { _id: 1, sum: 3 },
    ]);
    expect(letters).toMatchObject([
      { doc: { _id: 4 }, operatorName: "$https", _stream_meta: { https: { httpStatusCode: 404 } } },
    ]);
  });

  test("$currentDate and $createUUID, over a whole window and over each document", async () => {
    const { documents, letters } = await inWindow(
      [
        { $set: { id: { $createUUID: {} } } },
        {
          $group: {
            _id: { $year: { $currentDate: {} } },
            ids: { $addToSet: "$id" },
            more: { $addToSet: { $createUUID: {} } },
          },
        },
        { $set: { at: { $currentDate: {} }, ids: { $size: "$ids" }, more: { $size: "$more" } } },
      ],
      "http://localhost",
    );
    expect(letters).toEqual([]);
    expect(documents).toEqual([{ _id: 2020, ids: 6, more: 6, at: new Date(atMs) }]);
  });

  test("$lookup on another connection", async () => {
    const coll = freshName();
    await mongod.client
      .db(mongod.db)
      .collection<Document>(coll)
      .insertMany([
        { key: 0, name: "even" },
        { key: 1, name: "odd" },
      ]);
    const { documents } = await inWindow(
      [
        { $group: { _id: "$key", count: { $count: {} } } },
        {
          $lookup: {
            from: { connectionName: "other", db: mongod.db, coll },
            localField: "_id",
            foreignField: "key",
            as: "found",
          },
        },
        { $project: { name: { $first: "$found.name" } } },
      ],
      "http://localhost",
    );
    expect(documents).toEqual([
      { _id: 0, name: "even" },
      { _id: 1, name: "odd" },
    ]);
  });
});

test("connections are opened as the config has them, also those named within a window", async () => {
  const server = await serve(({ headers }, response) => json(response, headers["authorization"]));
  const name = freshName();
  const $https = { connectionName: "web", as: "got" };
  const definition = {
    name,
    pipeline: [
      {
        $source: {
          documents: [
            { _id: 1, at: new Date(atMs) },
            { _id: 2, at: new Date(atMs + 200_000) },
          ],
          timeField: { $toDate: "$at" },
        },
      },
      { $tumblingWindow: { interval: { size: 1, unit: "minute" }, pipeline: [{ $https }] } },
      mergeInto(mongod.db, name),
    ],
  };
  const web: Connection = { type: "Https", url: "${WEB}", headers: { Authorization: "Bearer ${TOKEN}" } };
  const environment = { ...local, connections: { ...local.connections, web } };
  const { connections, findings } = await openConnections(environment, [definition], {
    env: { WEB: server.url, TOKEN: "t" },
    captureDir: "",
  });
  expect(findings).toEqual([]);
  if (connections === undefined) throw new Error("nothing was opened");
  const engine = await run(mongod, [definition], { connections, clock: () => atMs });
  await engine.caughtUp();
  await connections.close();
  expect(await mongod.client.db(mongod.db).collection(name).find().toArray()).toMatchObject([
    { _id: 1, got: "Bearer t" },
  ]);
});
