import { expect, test } from "vitest";
import { compileProcessor } from "../../src/compiler/compile-processor.ts";
import { defineProjection } from "../../src/projections/define-projection.ts";
import type { Environment } from "../../src/config/environment.ts";
import { local } from "./support.ts";

interface Placed {
  readonly type: "OrderPlaced";
  readonly data: { readonly total: number };
}
const environment: Environment = {
  ...local,
  databases: { shop: "shop_prod" },
  events: {
    ...{ connectionName: "events", db: "shop", coll: "events" },
    envelope: { id: "_id", stream: "streamId", version: "version", type: "type", time: "occurredAt", data: "data" },
  },
};
const compile = (fields: (total: unknown) => object) => {
  const projection = defineProjection<{ total?: number; at?: Date }, Placed>({
    name: "orders",
    into: { connectionName: "domain", db: "shop", coll: "orders" },
    on: { OrderPlaced: ({ data }) => fields(data.total) },
  });
  return compileProcessor(projection, { environment, at: () => undefined });
};

test("a projection is compiled and placed in the environment like any processor", () => {
  const { definition, findings } = compile((total) => ({ total }));
  expect(findings).toEqual([]);
  expect(definition?.pipeline.at(0)?.["$source"]).toMatchObject({ connectionName: "events", db: "shop_prod" });
  expect(definition?.pipeline.at(-1)?.["$merge"].into).toEqual({
    connectionName: "domain",
    db: "shop_prod",
    coll: "orders",
  });
});

test.each([
  ["a forbidden variable", () => ({ at: "$$NOW" })],
  ["an unknown operator", (total: unknown) => ({ total: { $mutliply: [total, 2] } })],
])("%s in a handler is one finding, wherever the handler is compiled to", (_, fields) => {
  const { findings } = compile(fields);
  expect(findings.map(({ code, message }) => `${code} ${message}`)).toHaveLength(1);
});
