import { serialize } from "bson";
import type { Document } from "bson";
import { expect, test } from "vitest";
import { AspError } from "../../src/diagnostics/asp-error.ts";
import type { Ready } from "../../src/engine/chunk.ts";
import { createChunkWriter } from "../../src/engine/chunk-writer.ts";
import { planProcessor } from "../../src/engine/core/plan.ts";
import { createNoSink } from "../../src/engine/sinks/no-sink.ts";

const plan = planProcessor({
  name: "p",
  pipeline: [{ $source: { documents: [] } }, { $merge: { into: { connectionName: "c", db: "d", coll: "e" } } }],
});

test("what a refused document came from is asked for again where no answer comes", async () => {
  const document = serialize({ _id: 1 });
  const letters: Document[] = [];
  let asked = 0;
  const ready: Ready = {
    chunk: { events: [], results: undefined, position: {}, atMs: 0, alone: false },
    transformed: { outgoing: [{ document, index: undefined }], refused: [] },
    targets: [true],
    sources: () => [{ document, stream: () => ({ source: { type: "atlas" } }) }],
    locate: async () => {
      asked += 1;
      if (asked === 1) throw new AspError("ASP5120", "away", { retryable: true });
      return { outgoing: [{ document, index: 0 }], refused: [] };
    },
    wallTimesMs: [],
    bytes: 0,
    done: undefined,
  };
  const writer = createChunkWriter({
    plan,
    sink: { ...createNoSink(), operator: "$merge", write: async () => [{ position: 0, reason: "no" }] },
    deadLetters: { write: async (all) => void letters.push(...all) },
    now: () => 0,
    signal: new AbortController().signal,
  });
  expect(await writer.write([ready])).toMatchObject({ output: 1, refused: 1 });
  expect(letters).toMatchObject([{ operatorName: "$merge", _stream_meta: { source: { type: "atlas" } } }]);
});
