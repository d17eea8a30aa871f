import fc from "fast-check";
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createCaptureStore, type CaptureStore } from "../../src/engine/sinks/capture/capture-store.ts";
import { lines } from "../../src/engine/sinks/capture/capture-form.ts";
import { packRecords, readRecords, type FileRecord } from "../../src/engine/sinks/capture/record-file.ts";
import type { WriteOptions } from "../../src/engine/core/plan-capture.ts";

// Each file is brought to the disk, which others may keep busy.
vi.setConfig({ testTimeout: 60_000 });

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "asp-capture-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const unlimited: WriteOptions = { count: undefined, bytes: Infinity, intervalMs: Infinity };

let nowMs = 0;
const open = async (writeOptions: Partial<WriteOptions> = {}): Promise<CaptureStore> => {
  const store = createCaptureStore({
    dir,
    processor: "p",
    format: lines,
    writeOptions: { ...unlimited, ...writeOptions },
    now: () => nowMs,
  });
  await store.resume();
  return store;
};

const records = (...texts: readonly string[]): readonly FileRecord[] =>
  texts.map((text) => ({ bytes: new TextEncoder().encode(text), weight: text.length }));

/** What a folder shows, file by file, in the order of their names. */
const shown = (folder: string): readonly string[] => {
  const path = join(dir, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .toSorted()
    .map((name) => readFileSync(join(path, name), "utf8"));
};
const names = (folder: string): readonly string[] => readdirSync(join(dir, folder)).toSorted();

describe("a file is written at whatever is reached first:", () => {
  test("a count", async () => {
    const store = await open({ count: 2 });
    await store.append("a", records("1", "2", "3", "4", "5"));
    expect(shown("a")).toEqual(["1\n2\n", "3\n4\n"]);
    await store.append("a", records("6"));
    expect(shown("a")).toEqual(["1\n2\n", "3\n4\n", "5\n6\n"]);
  });

  test("bytes, counted over the weights; the one that reaches them is in it", async () => {
    const store = await open({ bytes: 10 });
    await store.append("a", records("xxxxx", "xxxx", "xxxx", "xxxxx"));
    expect(shown("a")).toEqual(["xxxxx\nxxxx\nxxxx\n"]);
  });

  test("an interval of engine time since its first document", async () => {
    nowMs = 1000;
    const store = await open({ intervalMs: 60_000 });
    await store.append("a", records("1"));
    nowMs = 30_000;
    await store.append("a", records("2"));
    await store.append("b", records("3"));
    nowMs = 60_999;
    await store.writeDue();
    expect(shown("a")).toEqual([]);
    nowMs = 61_000;
    await store.writeDue();
    expect(shown("a")).toEqual(["1\n2\n"]);
    expect(shown("b")).toEqual([]);
  });
});

test("where the clock is set back, a file waits once more for its interval, and not until the clock is where it was", async () => {
  nowMs = 3_600_000;
  const store = await open({ intervalMs: 60_000 });
  await store.append("a", records("1"));
  nowMs = 3_540_001;
  await store.append("a", records("2"));
  await store.writeDue();
  expect(shown("a")).toEqual([]);
  nowMs = 0;
  await store.writeDue();
  expect(shown("a")).toEqual(["1\n2\n"]);
  await store.append("a", records("3"));
  await store.writeAll();
  expect(shown("a").toSorted()).toEqual(["1\n2\n", "3\n"]);
});

test("each file is named after its time, its processor and a counter, and no name comes twice", async () => {
  nowMs = Date.UTC(2026, 10, 25, 12, 0, 0, 7);
  const first = await open({ count: 1 });
  await first.append("a", records("1", "2"));
  // The clock of a replay may stand at the same time again.
  const second = await open({ count: 1 });
  await second.append("a", records("3"));
  expect(names("a")).toEqual([1, 2, 3].map((n) => `20261125T120000007Z-p-000${n}.ndjson`));
  expect(shown("a")).toEqual(["1\n", "2\n", "3\n"]);
});

describe("a crash:", () => {
  test("what was collected is there after it, in order, with its count and its time", async () => {
    nowMs = 5;
    const before = await open({ count: 4, intervalMs: 100 });
    await before.append("a", records("1", "2"));
    await before.append("b", records("9"));
    await before.sync();
    nowMs = 50;
    const after = await open({ count: 4, intervalMs: 100 });
    await after.append("a", records("3"));
    expect(shown("a")).toEqual([]);
    await after.append("a", records("4"));
    expect(shown("a")).toEqual(["1\n2\n3\n4\n"]);
    nowMs = 105;
    await after.writeDue();
    expect(shown("b")).toEqual(["9\n"]);
  });

  test("half a record at the end is cut off", async () => {
    const before = await open();
    await before.append("a", records("1", "2"));
    const [part = ""] = names(".parts/p");
    appendFileSync(join(dir, ".parts/p", part), packRecords(records("34567")).subarray(0, 10));
    const after = await open();
    await after.append("a", records("8"));
    await after.writeAll();
    expect(shown("a")).toEqual(["1\n2\n8\n"]);
  });

  test("between the writing of a file and the end of what it was made from leaves one file", async () => {
    const before = await open();
    await before.append("a", records("1"));
    const [part = ""] = names(".parts/p");
    const path = join(dir, ".parts/p", part);
    const kept = readFileSync(path);
    await before.writeAll();
    writeFileSync(path, kept);
    const after = await open();
    await after.writeAll();
    expect(shown("a")).toEqual(["1\n"]);
    expect(names(".parts/p")).toEqual([]);
  });

  test("in the middle of the writing of a file leaves nothing to be seen, and then the whole", async () => {
    const before = await open();
    await before.append("a", records("1", "2"));
    const [part = ""] = names(".parts/p");
    writeFileSync(join(dir, ".parts/p", `${part}.out`), "1\n");
    const after = await open();
    expect(shown("a")).toEqual([]);
    await after.writeAll();
    expect(shown("a")).toEqual(["1\n2\n"]);
  });

  test("in the middle of the writing of a full file is made good at the next start", async () => {
    const before = await open({ count: 3 });
    await before.append("a", records("1", "2"));
    const [part = ""] = names(".parts/p");
    writeFileSync(join(dir, ".parts/p", `${part}.out`), "1\n");
    await open({ count: 2 });
    expect(shown("a")).toEqual(["1\n2\n"]);
    expect(names(".parts/p")).toEqual([]);
  });

  test("at any byte of what is collected leaves a beginning of it, and nothing else", async () => {
    const law = fc.asyncProperty(
      fc.array(fc.string({ minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 8 }),
      fc.nat(),
      async (texts, cut) => {
        const path = join(dir, "records");
        const all = packRecords(records(...texts));
        writeFileSync(path, all.subarray(0, cut % (all.length + 1)));
        const read: string[] = [];
        for await (const { bytes } of readRecords(path)) read.push(new TextDecoder().decode(bytes));
        const whole = records(...texts).map(({ bytes }) => new TextDecoder().decode(bytes));
        expect(read).toEqual(whole.slice(0, read.length));
        if (cut % (all.length + 1) === all.length) expect(read).toEqual(whole);
      },
    );
    await fc.assert(law, { numRuns: 200 });
  });
});

test("however documents come and whenever it crashes, every file has its count, and all are there in order", async () => {
  const law = fc.asyncProperty(
    fc.array(fc.record({ size: fc.integer({ min: 1, max: 7 }), crash: fc.boolean() }), { maxLength: 8 }),
    fc.integer({ min: 1, max: 5 }),
    async (steps, count) => {
      rmSync(dir, { recursive: true, force: true });
      let store = await open({ count });
      const all: string[] = [];
      for (const { size, crash } of steps) {
        const next = Array.from({ length: size }, (_, index) => String(all.length + index));
        all.push(...next);
        await store.append("a", records(...next));
        if (crash) store = await open({ count });
      }
      await store.writeAll();
      const files = shown("a").map((text) => text.trimEnd().split("\n"));
      expect(files.flat()).toEqual(all);
      for (const file of files.slice(0, -1)) expect(file.length).toBe(count);
    },
  );
  await fc.assert(law, { numRuns: 30 });
});

test("a record larger than what is read at once is whole", async () => {
  const store = await open();
  const large = "x".repeat(3 * 1024 * 1024);
  await store.append("a", records("1", large, "2"));
  await store.writeAll();
  expect(shown("a")).toEqual([`1\n${large}\n2\n`]);
});
