import { afterAll, beforeAll, expect, test } from "vitest";
import { selectDocuments } from "../../../src/emulator/workspace/select-documents.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const documents = [
  { name: "a", state: "STARTED", pipeline: [{ $match: { $expr: { $eq: ["$a", "$$NOW"] } } }], n: 1 },
  { name: "b", state: "STOPPED", options: { dlq: { connectionName: "c" } }, n: 2.5 },
  { name: "c", state: "FAILED", errorMsg: null, last: new Date(5) },
];
const select = async (query: object): Promise<readonly unknown[]> =>
  (await selectDocuments(mongod.client, documents, query)).map(({ name }) => name);

test.each([
  [{}, ["a", "b", "c"]],
  [{ name: "b" }, ["b"]],
  [{ state: { $in: ["STARTED", "FAILED"] } }, ["a", "c"]],
  [{ "options.dlq.connectionName": "c" }, ["b"]],
  [{ name: /^[AC]$/iu }, ["a", "c"]],
  [{ $or: [{ n: { $gt: 2 } }, { errorMsg: { $type: "null" } }] }, ["b", "c"]],
  [{ last: { $lt: new Date(6) } }, ["c"]],
  [{ $expr: { $eq: ["$state", "STOPPED"] } }, ["b"]],
  [{ "pipeline.$match": { $exists: true } }, ["a"]],
  [{ nothing: 1 }, []],
])("%j selects %j", async (query, names) => expect(await select(query)).toEqual(names));

test.each([{ state: { $inn: [] } }, { $where: "true" }, { $and: 1 }])("%j is no query", async (query) => {
  await expect(select(query)).rejects.toMatchObject({ code: "ASP5353" });
});

test("nothing is selected from nothing, and more than one command holds is cut", async () => {
  expect(await selectDocuments(mongod.client, [], { $bad: 1 })).toEqual([]);
  const large = Array.from({ length: 5 }, (_, index) => ({ index, text: "x".repeat(5_000_000) }));
  const found = await selectDocuments(mongod.client, large, { index: { $ne: 2 } });
  expect(found.map(({ index }) => index)).toEqual([0, 1, 3, 4]);
});

test("JavaScript, which may not come to an end, is refused wherever it stands", async () => {
  const forever = { $function: { body: "function () { while (true) {} }", args: [], lang: "js" } };
  for (const query of [
    { $expr: forever },
    { $and: [{ $or: [{ $expr: { $eq: [1, forever] } }] }] },
    new Map<string, unknown>([
      ["1", 1],
      ["$expr", new Map([["$eq", [1, forever]]])],
    ]),
  ]) {
    await expect(select(query)).rejects.toMatchObject({
      code: "ASP5353",
      message: expect.stringContaining("JavaScript"),
    });
  }
});
