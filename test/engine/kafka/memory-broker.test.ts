import { describe, expect, test } from "vitest";
import { createMemoryBroker } from "../../../src/engine/kafka/memory-broker.ts";
import { everything, fromText, json, text } from "./support.ts";

const at = (...offsets: bigint[]): Map<string, Map<number, bigint>> =>
  new Map([["t", new Map(offsets.map((offset, partition) => [partition, offset]))]]);
const now = (): number => 7;

describe("topics in memory", () => {
  test("give back what was written, from an offset on, and say where to go on", async () => {
    const broker = createMemoryBroker({ now });
    await broker.produce(
      [1, 2, 3].map((n) => json("t", n)),
      everything,
    );
    const reader = broker.openReader();
    const fetched = await reader.fetch(at(1n), { maxBytes: 1000, waitMs: 0 });
    expect(fetched.messages.map(({ value, offset, timestampMs }) => [fromText(value), offset, timestampMs])).toEqual([
      ["2", 1n, 7],
      ["3", 2n, 7],
    ]);
    expect(fetched).toMatchObject({ next: at(3n), more: false });
    expect(await reader.fetch(at(3n), { maxBytes: 1000, waitMs: 0 })).toEqual({
      messages: [],
      next: new Map(),
      more: false,
    });
  });

  test("give as much as was asked for, and at least one message", async () => {
    const broker = createMemoryBroker({ now });
    await broker.produce([json("t", "x".repeat(50)), json("t", 1), json("t", 2)], everything);
    const reader = broker.openReader();
    const one = await reader.fetch(at(0n), { maxBytes: 10, waitMs: 0 });
    expect([one.messages.length, one.next, one.more]).toEqual([1, at(1n), true]);
  });

  test("wake whoever waits for a message", async () => {
    const broker = createMemoryBroker({ now });
    const waiting = broker.openReader().fetch(at(0n), { maxBytes: 10, waitMs: 60_000 });
    await broker.produce([json("t", 1)], everything);
    expect((await waiting).messages).toHaveLength(1);
  });

  test("say that an offset is lost, before what is held and after the end", async () => {
    const broker = createMemoryBroker({ now });
    await broker.produce(
      [1, 2, 3].map((n) => json("t", n)),
      everything,
    );
    broker.deleteBefore("t", 0, 2n);
    const reader = broker.openReader();
    for (const offset of [1n, 4n]) {
      await expect(reader.fetch(at(offset), { maxBytes: 10, waitMs: 0 })).rejects.toMatchObject({ code: "ASP5122" });
    }
    expect(await broker.offsets(["t"], "earliest")).toEqual(at(2n));
  });

  test("hold no more than they are to: the oldest go, and who is behind hears of it", async () => {
    const broker = createMemoryBroker({ now, firstOffset: 50n, retentionBytes: 100 });
    const reader = broker.openReader();
    for (let n = 100; n < 300; n += 1) await broker.produce([json("t", n), json("u", n)], everything);
    const earliest = (await broker.offsets(["t"], "earliest")).get("t")?.get(0) ?? 0n;
    const held = Number(250n - earliest);
    expect(held).toBeGreaterThanOrEqual(33);
    expect(held).toBeLessThanOrEqual(66);
    expect(broker.messages("t")).toHaveLength(held);
    const { messages, next } = await reader.fetch(at(earliest + 1n), { maxBytes: 1000, waitMs: 0 });
    expect(messages.map(({ offset, value }) => [offset, fromText(value)])[0]).toEqual([
      earliest + 1n,
      String(Number(earliest) - 50 + 101),
    ]);
    expect(next).toEqual(at(250n));
    await expect(reader.fetch(at(earliest - 1n), { maxBytes: 10, waitMs: 0 })).rejects.toMatchObject({
      code: "ASP5122",
    });
  });

  test("go on after those of an earlier run", async () => {
    const broker = createMemoryBroker({ now, firstOffset: 100n });
    await broker.produce([json("t", 1)], everything);
    const { messages, next } = await broker.openReader().fetch(at(42n), { maxBytes: 10, waitMs: 0 });
    expect([messages.map(({ offset }) => offset), next]).toEqual([[100n], at(101n)]);
  });

  test("go on after those of an earlier run, also where the clock has been set back since", async () => {
    const broker = createMemoryBroker({ now, firstOffset: 100n });
    await broker.produce([json("t", 1)], everything);
    const { messages, next } = await broker.openReader().fetch(at(4_200n), { maxBytes: 10, waitMs: 0 });
    expect([messages.map(({ offset }) => offset), next]).toEqual([[100n], at(101n)]);
  });

  test("spread messages without a key, and keep equal keys together", async () => {
    const broker = createMemoryBroker({ now });
    broker.createTopic("t", 3);
    await broker.produce(
      Array.from({ length: 6 }, (_, n) => json("t", n)),
      everything,
    );
    expect(broker.messages("t").map(({ partition }) => partition)).toEqual([0, 1, 2, 0, 1, 2]);
    broker.createTopic("k", 3);
    await broker.produce(
      Array.from({ length: 6 }, (_, n) => json("k", n, { key: text("same") })),
      everything,
    );
    expect(new Set(broker.messages("k").map(({ partition }) => partition)).size).toBe(1);
  });

  test("keep each group's offsets for itself", async () => {
    const broker = createMemoryBroker({ now });
    broker.createTopic("t", 2);
    await broker.commit("a", at(1n));
    await broker.commit("a", new Map([["t", new Map([[1, 5n]])]]));
    expect(await broker.committed("a", ["t"])).toEqual(at(1n, 5n));
    expect(await broker.committed("a", ["other"])).toEqual(new Map());
    expect(await broker.committed("b", ["t"])).toEqual(new Map());
  });
});
