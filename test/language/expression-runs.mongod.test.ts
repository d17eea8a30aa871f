import { Binary, type Document } from "bson";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Environment } from "../../src/config/environment.ts";
import { codes, compile, local } from "../compiler/support.ts";
import { text } from "../engine/kafka/support.ts";
import { run } from "../engine/support.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { startRegistry, type RegistryServer } from "../support/registry-server.ts";
import { expressionReference, type ReferenceExpression } from "./expression-reference.ts";
import { pipelineWithExpression, runOfExpression } from "./expression-support.ts";
import { openConnections } from "./run-support.ts";

let mongod: TestDatabase;
let captureDir: string;
let registry: RegistryServer;
beforeAll(async () => {
  mongod = await connectMongod();
  captureDir = mkdtempSync(join(tmpdir(), "asp-captured-"));
  registry = await startRegistry();
});
afterAll(async () => {
  rmSync(captureDir, { recursive: true });
  await mongod.close();
  await registry.close();
});

/** What the expressions of the reference find something in; in a message of Kafka it stands at the top, in a change below. */
const values: Document = { a: 1, text: "00ff", bytes: new Binary(new Uint8Array([0, 0, 0, 7])) };
const message = JSON.stringify({
  ...values,
  bytes: { $binary: { base64: "AAAABw==", subType: "00" } },
});

describe("what docs/language-support.md says is run, runs", () => {
  test.each(expressionReference.filter((row) => runOfExpression(row) === "yes"))("$name", async (row) => {
    const shop = mongod.freshDb();
    const environment: Environment = { ...local, databases: { shop } };
    const { definition, findings } = compile(withDocuments(row), { name: shop }, environment);
    if (definition === undefined) throw new Error(findings.map((finding) => finding.message).join("; "));
    const { broker, connections } = await openConnections(registry, captureDir);
    let nowMs = 0;
    // With an initial sync, what is stored is copied.
    const events = mongod.client.db(shop).collection<Document>("events");
    await events.insertOne({ ...values });
    const engine = await run(mongod, [definition], { clock: () => nowMs, connections });
    await events.insertOne({ ...values });
    const headers = [{ key: "h", value: text("1") }];
    await broker.produce([{ topic: "orders", key: text("1"), value: text(message), headers }], {
      acks: -1,
      compression: "none",
    });
    await engine.caughtUp();
    // Windows close by the clock.
    nowMs = 1e12;
    await events.insertOne({ ...values });
    await engine.caughtUp();
    await engine.tick();
    await engine.caughtUp();
    expect(engine.stats()[0]).toMatchObject({ deadLetters: 0 });
    expect(engine.stats()[0]?.error).toBeUndefined();
    await engine.stop();
    const written = await mongod.client.db(shop).collection("orders").findOne({});
    expect(written).not.toBeNull();
    expect(written !== null && "x" in written).toBe(row.right !== "$$REMOVE");
  });
});

/** The full documents are what expressions see. */
function withDocuments(row: ReferenceExpression): readonly Document[] {
  return pipelineWithExpression(row, row.right, "main").map((stage): Document => {
    const args = stage["$source"] as Document | undefined;
    if (args?.["coll"] === undefined) return stage;
    return { $source: { ...args, config: { ...(args["config"] as Document | undefined), fullDocumentOnly: true } } };
  });
}

describe("what it says is not run, is refused by whoever would have to run it", () => {
  test.each(expressionReference.filter((row) => runOfExpression(row) === "no"))("$name", (row) => {
    expect(codes(compile(pipelineWithExpression(row, row.right, "main")))).toContain("ASP5001");
  });
});
