import type { Document } from "bson";
import { afterAll, beforeAll, expect, test } from "vitest";
import { defineProjection } from "../../src/index.ts";
import { compileProjection } from "../../src/projections/compile-projection.ts";
import { connectMongod } from "../support/mongod.ts";
import type { TestDatabase } from "../support/mongod.ts";
import { events } from "./events.ts";
import { readModels, runDeliveries } from "./laws/run-deliveries.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const names = Array.from({ length: 150 }, (_, index) => `field${index}`);
const copy = (data: Document): Document => Object.fromEntries(names.map((name) => [name, data[name] as unknown]));
const all = Object.fromEntries(names.map((name, index) => [name, index]));

test.each([
  ["", (data: Document) => copy(data)],
  ["details", (data: Document) => Object.fromEntries(names.map((name) => [`details.${name}`, data[name] as unknown]))],
])("a handler may set 150 fields (below %j) that may be missing", async (parent, fields) => {
  const db = mongod.freshDb();
  const value = defineProjection({
    name: "wide",
    into: { connectionName: "domain", db: "any", coll: "models" },
    initial: parent === "" ? { kept: 1, field0: "old" } : { details: { kept: 1, field0: "old" } },
    on: { Set: ({ data }) => fields(data) },
  });
  const { definition, findings } = compileProjection(value, { events, at: () => undefined });
  if (definition === undefined) throw new Error(JSON.stringify(findings));
  const deliver = (version: number, data: Document): Promise<number> =>
    runDeliveries(mongod.client, db, definition, [{ streamId: "s", version, type: "Set", data }]);
  const read = async (): Promise<unknown> => {
    const model = (await readModels(mongod.client, db, "models")).get('"s"');
    return parent === "" ? model : (model?.[parent] as unknown);
  };
  expect(await deliver(1, all)).toBe(0);
  expect(await read()).toEqual({ kept: 1, ...all });
  expect(await deliver(2, { field3: null, field4: 4 })).toBe(0);
  expect(await read()).toEqual({ kept: 1, field3: null, field4: 4 });
});
