import * as bson from "bson";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { authorNames } from "../../src/compiler/author-names.ts";
import { compileProcessor } from "../../src/compiler/compile-processor.ts";
import { toEjson } from "../../src/compiler/emit/json.ts";
import { toModule } from "../../src/compiler/emit/module.ts";
import { placeInEnvironment } from "../../src/compiler/place-in-environment.ts";
import type { Environment } from "../../src/config/environment.ts";
import { defineProcessor } from "../../src/projections/define-processor.ts";
import type { AuthoredValue } from "../../src/projections/processor-value.ts";
import type { Definition } from "../../src/stages/definition.ts";
import { document } from "../engine/bson-documents.ts";
import { stageIn } from "../language/stage-arbitrary.ts";
import { local } from "./support.ts";

vi.setConfig({ testTimeout: 60_000 });

/** What a module of one import and one default export exports; loading thousands from a disk would take minutes. */
function load(text: string): AuthoredValue {
  const [, names = "", body = ""] =
    /^import \{ (.*) \} from "asp-toolkit";[^]*?^export default ([^]*);\s*$/m.exec(text) ?? [];
  const known: Readonly<Record<string, unknown>> = { ...bson, defineProcessor };
  const list = names.split(", ");
  const make = new Function(
    ...list,
    `"use strict"; return ${body.replaceAll("new Map<string, unknown>(", "new Map(")}`,
  ) as (...values: readonly unknown[]) => AuthoredValue;
  return make(...list.map((name) => known[name]));
}

function compile(value: AuthoredValue, environment: Environment = local): Definition | undefined {
  return compileProcessor(value, { environment, at: () => undefined, severityOf: () => "warning" }).definition;
}

const roundTrip = (definition: Definition): string => toEjson(compile(load(toModule(definition, "Imported."))));

describe("a module that is written from a definition compiles to it", () => {
  test("whatever documents, types and names are in it", () => {
    // A symbol has no constructor in asp-toolkit, and a field of that name is refused.
    const writable = document.filter((each) => !/\$symbol|_bsontype/.test(toEjson(each)));
    fc.assert(
      fc.property(writable, (fields) => {
        const definition = { name: "a", pipeline: [{ $match: { first: 1, inner: fields } }] };
        expect(roundTrip(definition)).toBe(toEjson(definition));
      }),
      { numRuns: 1000 },
    );
  });

  test("whatever stages are in it", () => {
    fc.assert(
      fc.property(fc.array(stageIn("main"), { maxLength: 5 }), fc.string(), (pipeline, name) => {
        const options = { dlq: { connectionName: "domain", db: "ops", coll: "dead" }, tier: "SP30" as const };
        const definition = { name, pipeline, options };
        expect(roundTrip(definition)).toBe(toEjson(definition));
      }),
      { numRuns: 300 },
    );
  });

  test("and reads like one that somebody wrote", () => {
    const match = { at: new Date("2026-01-01T00:00:00Z"), n: bson.Long.fromNumber(5), "a.b": new bson.Int32(1) };
    const order = new Map<string, unknown>([
      ["b", 1.5],
      ["1", new bson.Double(2)],
    ]);
    const pipeline = [{ $match: match }, { $set: { order, __proto__x: null } }];
    expect(toModule({ name: "orders", pipeline }, "Imported from a */ file."))
      .toBe(`import { defineProcessor, Double, Long } from "asp-toolkit";

/** Imported from a * / file. */
export default defineProcessor({
  name: "orders",
  pipeline: [
    { $match: { at: new Date("2026-01-01T00:00:00.000Z"), n: Long.fromString("5"), "a.b": 1 } },
    { $set: { order: new Map<string, unknown>([["b", 1.5], ["1", new Double(2)]]), __proto__x: null } },
  ],
});
`);
  });
});

describe("names of an environment become those of modules", () => {
  const environment: Environment = {
    ...local,
    target: "admin-api",
    connections: {
      events: { type: "Cluster", name: "Cluster0" },
      domain: { type: "Cluster", name: "Cluster0" },
      reads: { type: "Cluster", name: "Cluster1" },
    },
    databases: { shop: "shop-prod" },
    collectionNames: { "shop.orders": "orders_v2" },
  };
  const at = (connectionName: string, db: string, coll: string) => ({ connectionName, db, coll });
  const deployed: Definition = {
    name: "a",
    pipeline: [
      { $source: at("Cluster0", "shop-prod", "events") },
      { $lookup: { from: at("Cluster1", "shop-prod", "orders_v2"), localField: "a", foreignField: "b", as: "c" } },
      { $merge: { into: at("Cluster0", "other", "orders_v2") } },
    ],
    options: { dlq: at("Cluster1", "shop-prod", "dead") },
  };

  test("and compile to the environment's again", () => {
    const authored = authorNames(deployed, environment);
    expect(authored.pipeline).toEqual([
      { $source: at("events", "shop", "events") },
      { $lookup: { from: at("reads", "shop", "orders"), localField: "a", foreignField: "b", as: "c" } },
      { $merge: { into: at("events", "other", "orders_v2") } },
    ]);
    expect(authored.options).toEqual({ dlq: at("reads", "shop", "dead") });
    expect(placeInEnvironment(authored, environment)).toEqual(deployed);
  });

  test("but for those of a pipeline with something that is no stage, of which nothing is lost", () => {
    const broken = { ...deployed, pipeline: [...deployed.pipeline, { $a: 1, $b: 2 }] };
    expect(authorNames(broken, environment)).toBe(broken);
  });
});
