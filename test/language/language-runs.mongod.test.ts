import { Double } from "bson";
import type { Document } from "bson";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkServerVersion } from "../../src/compiler/check-server-version.ts";
import type { Environment } from "../../src/config/environment.ts";
import type { Definition } from "../../src/stages/definition.ts";
import { codes, compile, local, source } from "../compiler/support.ts";
import { run } from "../engine/support.ts";
import { connectMongod } from "../support/mongod.ts";
import type { TestDatabase } from "../support/mongod.ts";
import { startRegistry, type RegistryServer } from "../support/registry-server.ts";
import { pipelineWith } from "./check-support.ts";
import { placeToRun, runOf } from "./form-of.ts";
import { openConnections, produce } from "./run-support.ts";
import { avroRecord, reference, withField } from "./reference.ts";
import type { ReferenceForm } from "./reference.ts";

let mongod: TestDatabase;
let version: string;
let captureDir: string;
let registry: RegistryServer;
beforeAll(async () => {
  mongod = await connectMongod();
  captureDir = mkdtempSync(join(tmpdir(), "asp-captured-"));
  registry = await startRegistry();
  registry.register("orders-value", avroRecord);
  ({ version } = (await mongod.client.db("admin").command({ buildInfo: 1 })) as { version: string });
});
afterAll(async () => {
  rmSync(captureDir, { recursive: true });
  await mongod.close();
  await registry.close();
});

const nameOf = ({ stage, form }: ReferenceForm): string => (form === undefined ? stage : `${stage} (${form})`);
const cases = reference.flatMap((form) => [
  { form, path: undefined, name: nameOf(form) },
  ...Object.keys(form.fields).map((path) => ({ form, path, name: `${nameOf(form)} ${path}` })),
]);

/** What every stage of the reference's samples finds something in. */
const event: Document = {
  _id: 1,
  a: 1,
  items: [1, 2],
  customerId: "c",
  number: 1,
  at: new Date(0),
  country: "at",
  _ts: new Date(0),
};

/** What the fields of `$emit` to Kafka fit: keys of a type, a schema of its own. */
const message: Document = { ...event, _id: "1", a: new Double(1.5), schema: { type: "avro", schema: avroRecord } };

/** Only what a window gives is written. */
function isWindowed({ stage, places }: ReferenceForm): boolean {
  return stage.endsWith("Window") || !places.includes("main");
}

/** Its documents are of the clock. */
function isTicking({ form }: ReferenceForm): boolean {
  return form === "cron schedule" || form === "sample data";
}

/** The processor in databases of its own; a name that is computed is dropped with the test. */
function definitionOf(form: ReferenceForm, args: unknown, shop: string): Definition {
  const environment: Environment = { ...local, databases: { shop } };
  const [first, ...rest] = pipelineWith({ [form.stage]: args }, placeToRun(form));
  const { $source } = source;
  const timeField = isWindowed(form) ? { timeField: { $toDate: "$fullDocument.at" } } : {};
  const documents = { $source: { ...$source, config: { fullDocumentOnly: true }, ...timeField } };
  // What a `$group` over all gives has no key.
  const keyed = isWindowed(form) ? [{ $set: { _id: { $ifNull: ["$_id", "all"] } } }] : [];
  const ofTick = isTicking(form) ? [{ $set: { _id: "tick" } }] : [];
  const stages = [...rest.slice(0, -1), ...keyed, ...ofTick, ...rest.slice(-1)];
  const pipeline = [form.stage === "$source" ? first : documents, ...stages];
  const { definition, findings } = compile(pipeline, { name: shop }, environment);
  if (definition === undefined) throw new Error(findings.map(({ message }) => message).join("; "));
  return definition;
}

describe("what docs/language-support.md says is run, runs", () => {
  test.each(cases.filter(({ form, path }) => runOf(form, path) !== "no"))("$name", async ({ form, path }) => {
    const shop = mongod.freshDb();
    const country = shop;
    const db = mongod.client.db(shop);
    await db.collection("orders").createIndex({ customerId: 1, number: 1 }, { unique: true });
    // Without `timeseries`, `$emit` creates none.
    const isThere = form.form === "time series collection" && path?.startsWith("timeseries") !== true;
    if (isThere) await db.createCollection("prices", { timeseries: { timeField: "_ts" } });
    const args = path === undefined ? form.args : withField(form, path, await ownValue(path, shop));
    const definition = definitionOf(form, args, shop);
    expect(checkServerVersion(definition, version)).toEqual([]);

    let nowMs = 0;
    const { broker, connections } = await openConnections(registry, captureDir);
    const engine = await run(mongod, [definition], { clock: () => nowMs, connections });
    const events = db.collection<Document>("events");
    await events.insertOne({ ...(form.form === "Kafka" || form.stage === "$https" ? message : event), country });
    if (form.stage === "$source" && form.form === "Kafka") await produce(broker, args as Document);
    await engine.caughtUp();
    if (isTicking(form)) {
      // A Friday: every schedule of the samples has ticked by then. Sample data comes several times a second.
      nowMs = form.form === "sample data" ? 1000 : Date.UTC(1970, 0, 2, 12);
      await engine.tick();
      await engine.caughtUp();
    }
    if (isWindowed(form)) {
      // A later event closes the window, or the clock does.
      nowMs = 1e12;
      await events.insertOne({ ...event, _id: 2, at: new Date(nowMs), country } as Document);
      await engine.caughtUp();
      await engine.tick();
      await engine.caughtUp();
    }
    expect(engine.stats()[0]).toMatchObject({ deadLetters: 0 });
    expect(engine.stats()[0]?.error).toBeUndefined();
    expect(engine.stats()[0]?.output).toBeGreaterThan(0);
    await engine.stop();
    await mongod.client.db(`shop_${country}`).dropDatabase();
  });
});

describe("what it says is not run, is refused by whoever would have to run it", () => {
  test.each(reference.filter((form) => runOf(form) === "no"))("$stage $form", (form) => {
    const place = form.places[0] ?? "main";
    expect(codes(compile(pipelineWith({ [form.stage]: form.args }, place)))).toContain("ASP5001");
  });
});

/** A position in a change stream is of one server. */
async function ownValue(path: string, shop: string): Promise<{ readonly value?: unknown }> {
  if (path === "config.startAfter") {
    const stream = mongod.client.db(shop).collection("events").watch();
    await stream.tryNext();
    const value = stream.resumeToken;
    await stream.close();
    return { value };
  }
  if (path === "timeField") return { value: { $toDate: { $ifNull: ["$at", new Date(0)] } } };
  return path === "config.startAtOperationTime" ? { value: new Date() } : {};
}
