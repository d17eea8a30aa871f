import { expect, test } from "vitest";
import type { GivenSource } from "../../src/testing/case/given.ts";
import { toOperations } from "../../src/testing/run/operations.ts";

function source(db: string, coll: string, documents: readonly Record<string, unknown>[]): GivenSource {
  const open = async function* () {
    for (const document of documents) yield { document };
  };
  return { db, coll, file: `${db}.${coll}`, open };
}

test("messages are merged with events by their timestamp, or else by the time of the event that they hold", async () => {
  const given = [
    source("shop", "events", [{ time: "2026-01-01T00:00:02Z" }, { time: "2026-01-01T00:00:04Z" }]),
    source("topic", "orders", [
      { value: { time: "2026-01-01T00:00:09Z" }, timestamp: "2026-01-01T00:00:01Z" },
      { value: { time: "2026-01-01T00:00:03Z" } },
    ]),
  ];
  const files: string[] = [];
  for await (const one of toOperations({ given, order: "time", timePath: "time" })) {
    if (one.kind === "insert") files.push(one.file);
  }
  expect(files).toEqual(["topic.orders", "shop.events", "topic.orders", "shop.events"]);
});

test("a message without any time cannot be merged", async () => {
  const given = [source("topic", "orders", [{ value: null }])];
  const all = toOperations({ given, order: "time", timePath: "time" });
  await expect(all.next()).rejects.toThrow("no time at `time`");
});
