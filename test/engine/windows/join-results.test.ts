import { expect, test } from "vitest";
import type { InnerResult } from "../../../src/engine/windows/inner-pipeline.ts";
import { joinResults } from "../../../src/engine/windows/join-results.ts";

const stream = (): object => ({});

function give(documents: number, refused: readonly string[] = [], bytes = 5): InnerResult {
  return {
    delivered: Array.from({ length: documents }, () => ({ document: new Uint8Array(bytes), stream })),
    refused: refused.map((reason) => ({ document: {}, operator: "$group", reason, index: -1 })),
  };
}

async function join(results: readonly InnerResult[]): Promise<readonly (readonly [number, ...string[]])[]> {
  const joined: [number, ...string[]][] = [];
  const given = (async function* () {
    yield* results;
  })();
  for await (const { delivered, refused } of joinResults(given)) {
    joined.push([delivered.length, ...refused.map(({ reason }) => reason)]);
  }
  return joined;
}

test("small results become one, with what was refused, in their order", async () => {
  expect(await join([give(1, ["a"]), give(0), give(2), give(0, ["b", "c"])])).toEqual([[3, "a", "b", "c"]]);
});

test("a thousand documents, or four megabytes, are enough", async () => {
  expect(await join([give(600), give(400), give(1), give(999), give(1)])).toEqual([[1000], [1000], [1]]);
  const megabyte = 1024 * 1024;
  expect(await join([give(3, [], megabyte), give(1, [], megabyte), give(1)])).toEqual([[4], [1]]);
});

test("a large result stays whole, and nothing gives nothing", async () => {
  expect(await join([give(1, ["a"]), give(5000), give(1)])).toEqual([[1, "a"], [5000], [1]]);
  expect(await join([give(0), give(0)])).toEqual([]);
});
