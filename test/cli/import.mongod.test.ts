import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv } from "ajv";
import { Decimal128, Double, EJSON, Long } from "bson";
import type { Document } from "bson";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { importReportSchema } from "../../src/cli/json-schemas.ts";
import type { Target } from "../../src/deploy/targets/target.ts";
import { copying, openEmulator, openTarget } from "../deploy/support.ts";
import { freshName } from "../engine/support.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { addFiles, makeFolder, readFolder, runCli, type CliResult } from "./run-cli.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const isReport = new Ajv({ allErrors: true, strict: false }).compile(importReportSchema);

const config = `connections:
  events: { type: Cluster, name: Cluster0, uri: "\${MONGO}" }
environments:
  local: { target: emulator }
  wired: { target: wire, workspace: local, uri: "\${WIRE}", databases: { shop: "DB" } }
  vault:
    target: wire
    workspace: local
    uri: "\${WIRE}"
    databases: { shop: "DB" }
    connections: { events: { uri: '\${exec:NODE -e "console.log(process.env.MONGO)"}' } }
  plain: { target: wire, workspace: local, uri: "\${WIRE}" }
  queued:
    target: wire
    workspace: local
    uri: "\${WIRE}"
    dlq: { connectionName: events, db: ops, coll: dead }
`;

interface Setup {
  readonly target: Target;
  readonly cwd: string;
  asp(...argv: readonly string[]): Promise<CliResult>;
}

async function setUp(files: Readonly<Record<string, string>> = {}): Promise<Setup> {
  const emulator = await openEmulator(mongod);
  const target = await openTarget("wire", emulator);
  const cwd = await makeFolder({
    "atlas.config.yaml": config.replaceAll("DB", mongod.db).replace("NODE", process.execPath),
    ...files,
  });
  const env = { WIRE: emulator.wire, MONGO: mongod.uri };
  return { target, cwd, asp: (...argv) => runCli(argv, { cwd, env }) };
}

const stages: readonly Document[] = [
  { $match: { n: { $gt: Long.fromNumber(5) }, d: new Double(10), at: { $lt: new Date(5) } } },
  {
    $set: {
      x: {
        $literal: new Map<string, unknown>([
          ["b", 1],
          ["2", Decimal128.fromString("1.10")],
          ["1", null],
        ]),
      },
    },
  },
];

describe("asp import of a processor that runs", () => {
  test("writes a module with the config's names that plan finds no difference to", async () => {
    const { target, asp, cwd } = await setUp();
    await target.create({
      name: "orders",
      pipeline: copying(mongod.db, "e", freshName(), ...stages),
      options: { dlq: { connectionName: "Cluster0", db: mongod.db, coll: "dead" } },
    });
    const { code, stdout, stderr } = await asp("import", "orders", "-e", "wired");
    expect({ code, stdout, stderr }).toMatchObject({
      code: 0,
      stdout: "pipelines/orders.ts written, and compiles to the same definition\n",
    });
    const text = await readFile(join(cwd, "pipelines/orders.ts"), "utf8");
    expect(text).toContain('$source: { connectionName: "events", db: "shop", coll: "e"');
    expect(text).toContain('new Map<string, unknown>([["b", 1], ["2", Decimal128.fromString("1.10")], ["1", null]])');
    expect(text).toContain('dlq: { connectionName: "events", db: "shop", coll: "dead" }');
    const plan = await asp("plan", "-e", "wired", "--json", "--no-start");
    expect((JSON.parse(plan.stdout) as { readonly steps: readonly Document[] }).steps).toMatchObject([
      { kind: "keep", name: "orders" },
    ]);
  });

  test("overwrites nothing without --force, and makes no second processor of a name", async () => {
    const { target, asp } = await setUp();
    await target.create({ name: "orders", pipeline: copying(mongod.db, "e", freshName()) });
    expect((await asp("import", "orders", "-e", "wired")).code).toBe(0);
    const again = await asp("import", "orders", "-e", "wired");
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining("`pipelines/orders.ts` is there already") });
    const beside = await asp("import", "orders", "-e", "wired", "--out", "pipelines/other.ts");
    expect(beside).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("the project has a processor `orders` already"),
    });
    expect((await asp("import", "orders", "-e", "wired", "--force")).code).toBe(0);
  });

  test("says what the environment adds", async () => {
    const { target, asp } = await setUp();
    await target.create({ name: "orders", pipeline: copying(mongod.db, "e", freshName()) });
    const { code, stderr, stdout } = await asp("import", "orders", "-e", "queued", "--json");
    expect(code).toBe(0);
    expect(stderr).toContain("warning[ASP6092]");
    expect(stderr).toContain('compiled: "coll": "dead"');
    const report: unknown = JSON.parse(stdout);
    expect([isReport(report), isReport.errors]).toEqual([true, null]);
    expect(report).toMatchObject({ modules: [{ name: "orders", file: "pipelines/orders.ts", equal: false }] });
  });

  test.each(["wired", "vault"])(
    "--sample writes the newest documents of its source, as they are stored (%s)",
    async (name) => {
      const { target, asp, cwd } = await setUp();
      const coll = freshName();
      await mongod.client
        .db(mongod.db)
        .collection<Document>(coll)
        .insertMany([{ _id: 1 as never }, { _id: 2 as never, n: new Double(5) }, { _id: 3 as never, n: Long.ONE }]);
      await target.create({ name: "orders", pipeline: copying(mongod.db, coll, freshName()) });
      const { stdout, code } = await asp("import", "orders", "-e", name, "--sample", "2");
      expect(code).toBe(0);
      expect(stdout).toContain(`test/fixtures/orders/given/shop.${coll}.ndjson written`);
      expect((await readFolder(join(cwd, "test")))[`fixtures/orders/given/shop.${coll}.ndjson`]).toBe(
        '{"_id":2,"n":{"$numberDouble":"5.0"}}\n{"_id":3,"n":{"$numberLong":"1"}}\n',
      );
    },
  );

  test("one that is not there is a finding with the names that are", async () => {
    const { target, asp } = await setUp();
    await target.create({ name: "orders", pipeline: copying(mongod.db, "e", freshName()) });
    const { code, stderr } = await asp("import", "order", "-e", "wired");
    expect(code).toBe(1);
    expect(stderr).toContain("there are: orders");
  });
});

describe("asp import of a file", () => {
  const pipeline = copying("shop", "e", "o", ...stages);
  const definition = {
    name: "orders",
    pipeline,
    options: { dlq: { connectionName: "Cluster0", db: "ops", coll: "d" } },
  };
  const written = { stdout: expect.stringContaining("and compiles to the same definition") };

  test.each<[string, unknown]>([
    ["as asp compile writes it", definition],
    [
      "as mongosh prints it",
      [{ id: "x", name: "orders", state: "STOPPED", pipeline, tier: "SP10", dlq: definition.options.dlq }],
    ],
    [
      "as the Admin API returns it",
      {
        results: [{ _id: "x", name: "orders", state: "STARTED", pipeline, options: definition.options, links: [] }],
        totalCount: 1,
      },
    ],
  ])("%s", async (_, content) => {
    const { asp } = await setUp({ "orders.json": EJSON.stringify(content, { relaxed: false }) });
    expect(await asp("import", "orders.json", "-e", "plain")).toMatchObject({ code: 0, ...written });
  });

  test("whose stages have findings is written, and the findings are shown", async () => {
    const strange = { ...definition, pipeline: [...pipeline.slice(0, 1), { $nope: { a: 1 } }, ...pipeline.slice(1)] };
    const { asp, cwd } = await setUp({ "orders.json": EJSON.stringify(strange, { relaxed: false }) });
    const { code, stderr, stdout } = await asp("import", "orders.json", "-e", "plain");
    expect(code).toBe(1);
    expect(stderr).toContain("there is no stage `$nope`");
    expect(stdout).toContain("and compiles to the same definition");
    expect(await readFile(join(cwd, "pipelines/orders.ts"), "utf8")).toContain("{ $nope: { a: 1 } }");
  });

  test("where a name stands for something else in the environment, that is said", async () => {
    const { asp } = await setUp({ "orders.json": EJSON.stringify(definition, { relaxed: false }) });
    const { code, stderr } = await asp("import", "orders.json", "-e", "wired");
    expect(code).toBe(0);
    expect(stderr).toContain("warning[ASP6092]");
    expect(stderr).toContain('imported: "db": "shop"');
  });

  test.each([
    ["is no JSON", "{", "it is no JSON"],
    ["has no processor", "{}", "needs `name`"],
    ["has an empty list", '{"results":[]}', "its list is empty"],
    ["has one entry that is none", '[{"name":"a","pipeline":[]},{"name":1}]', "entry 2 of its list"],
  ])("that %s is a finding", async (_, text, words) => {
    const { asp, cwd } = await setUp({ "x.json": text });
    expect(await asp("import", "x.json")).toMatchObject({ code: 1, stderr: expect.stringContaining(words) });
    expect(Object.keys(await readFolder(cwd))).toEqual(["atlas.config.yaml", "x.json"]);
  });

  test("that is not there is a finding", async () => {
    const { asp } = await setUp();
    const { code, stderr } = await asp("import", "nope.json");
    expect(code).toBe(1);
    expect(stderr).toContain("error[ASP6090]: `nope.json` has no definition of a processor: it is not there");
  });

  test("with several processors makes a module of each", async () => {
    const { asp, cwd } = await setUp({ "all.json": EJSON.stringify([definition, { ...definition, name: "b" }]) });
    await addFiles(cwd, { "pipelines/c.ts": "" });
    expect((await asp("import", "all.json", "--out", "x.ts")).code).toBe(64);
    await asp("import", "all.json", "-e", "plain");
    expect(Object.keys(await readFolder(join(cwd, "pipelines")))).toEqual(["b.ts", "c.ts", "orders.ts"]);
  });
});
