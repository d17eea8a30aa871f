import { Int32, Long } from "bson";
import { expect, test } from "vitest";
import { toSyncDetail, type SyncPosition } from "../../src/engine/core/sync-position.ts";

const sync: SyncPosition = {
  targets: [
    { coll: "a", estimatedDocs: new Int32(10) },
    { coll: "b", estimatedDocs: Long.fromNumber(20) },
    { coll: "c", estimatedDocs: 30 },
  ],
  done: [{ coll: "a", copiedDocs: new Int32(11) }],
  coll: "b",
  lastId: "x",
  copiedDocs: 5,
};
const statuses = (end: "completed" | "failed" | undefined, of = sync): readonly string[] =>
  toSyncDetail("shop", of, end).targets.map(({ initialSync }) => initialSync.status);

test("counts are those of the collections, and their sum", () => {
  expect(toSyncDetail("shop", sync, undefined)).toMatchObject({
    targets: [
      { db: "shop", coll: "a", initialSync: { estimatedDocs: 10, copiedDocs: 11 } },
      { db: "shop", coll: "b", initialSync: { estimatedDocs: 20, copiedDocs: 5 } },
      { db: "shop", coll: "c", initialSync: { estimatedDocs: 30, copiedDocs: 0 } },
    ],
    total: { estimatedDocs: 60, copiedDocs: 16, status: "in_progress" },
  });
});

test("one collection is under way at a time, and is the one that fails", () => {
  expect(statuses(undefined)).toEqual(["completed", "in_progress", "pending"]);
  expect(statuses("failed")).toEqual(["completed", "failed", "pending"]);
  expect(statuses("failed", { ...sync, done: [] })).toEqual(["failed", "pending", "pending"]);
  expect(statuses("completed")).toEqual(["completed", "completed", "completed"]);
});

test("nothing to copy is a copy that is complete", () => {
  const { total } = toSyncDetail("shop", { targets: [], done: [] }, "completed");
  expect(total).toEqual({ estimatedDocs: 0, copiedDocs: 0, status: "completed" });
});
