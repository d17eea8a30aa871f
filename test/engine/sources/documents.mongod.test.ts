import type { Document } from "bson";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProcessorStats } from "../../../src/engine/engine.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { freshName, mergeInto, run, runToEnd } from "../support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

interface Outcome {
  readonly stats: ProcessorStats | undefined;
  readonly found: readonly Document[];
}

async function deliver(documents: unknown, stages: readonly Document[] = []): Promise<Outcome> {
  const name = freshName();
  const [stats] = await runToEnd(mongod, [
    { name, pipeline: [{ $source: { documents } }, ...stages, mergeInto(mongod.db, name)] },
  ]);
  const found = await mongod.client.db(mongod.db).collection(name).find().sort({ _id: 1 }).toArray();
  return { stats, found };
}

describe("an expression for the documents", () => {
  const numbered = (count: number): Document => ({
    $map: { input: { $range: [0, count] }, in: { _id: "$$this", n: { $multiply: ["$$this", 2] } } },
  });

  test("is evaluated", async () => {
    expect((await deliver(numbered(2))).found).toEqual([
      { _id: 0, n: 0 },
      { _id: 1, n: 2 },
    ]);
  });

  test("may give none", async () => {
    const { stats, found } = await deliver({ $concatArrays: [[], []] });
    expect(stats?.error).toBeUndefined();
    expect(found).toEqual([]);
  });

  test.each([
    ["an object", { $mergeObjects: [{ a: 1 }] }, "an array, found object"],
    ["null", { $ifNull: [null, null] }, "an array, found null"],
    ["nothing", "$nothing", "an array, found missing"],
    ["numbers", { $range: [0, 3] }, "an array of documents, found int in it"],
    ["a null among documents", { $concatArrays: [[{ a: 1 }], [null]] }, "an array of documents, found null in it"],
  ])("that gives %s FAILs the processor", async (_, expression, expected) => {
    const { stats } = await deliver(expression);
    expect(stats).toMatchObject({
      state: "FAILED",
      error: { code: "ASP5173", message: `\`documents\` of \`$source\` must evaluate to ${expected}` },
    });
  });

  test("that fails FAILs it with the server's reason", async () => {
    const { stats } = await deliver({ $divide: [1, 0] });
    expect(stats).toMatchObject({ state: "FAILED", error: { code: "ASP5173" } });
    expect(stats?.error?.message).toMatch(/cannot be evaluated: .*can't \$divide by zero/);
  });

  test("may give very many", async () => {
    const name = freshName();
    const definition = { name, pipeline: [{ $source: { documents: numbered(60_000) } }, mergeInto(mongod.db, name)] };
    const count = (): Promise<number> => mongod.client.db(mongod.db).collection(name).countDocuments();
    const first = await run(mongod, [definition], { checkpointIntervalMs: 0 });
    while ((first.stats()[0]?.output ?? 0) === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    await first.kill();
    const [stats] = await runToEnd(mongod, [definition]);
    expect(stats?.input).toBeLessThanOrEqual(60_000);
    expect(await count()).toBe(60_000);
  });
});

test("a list is taken as it is: what looks like an expression is none", async () => {
  const { found } = await deliver([{ _id: 1, price: "$5", sum: { a: 1 } }]);
  expect(found).toEqual([{ _id: 1, price: "$5", sum: { a: 1 } }]);
});
