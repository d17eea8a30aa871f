import type { Document } from "mongodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compareVersions, type Comparison } from "../../../src/deploy/rebuild/compare-versions.ts";
import { freshName } from "../../engine/support.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

/** Documents of a read model, each of one event. */
const models = (count: number): readonly Document[] =>
  Array.from({ length: count }, (_, n) => ({ _id: n, total: n, _asp: { v: 1, s: n } }));

/** Compares 3,000 read models with what becomes of them, of which 1,000 of each side are looked at. */
async function compare(toNext: (all: readonly Document[]) => readonly Document[]): Promise<Comparison> {
  const [live, next] = [freshName(), freshName()];
  const db = mongod.client.db(mongod.db);
  const all = models(3000);
  await db.collection(live).insertMany([...all]);
  await db.collection(next).insertMany([...toNext(all)]);
  const signal = new AbortController().signal;
  return compareVersions({
    ...{ client: mongod.client, db: mongod.db, live, next, signal },
    settle: () => Promise.resolve(),
  });
}

describe("of two versions that are too large to be compared whole, a sample of each is compared", () => {
  test("which says nothing where they are the same, and how many were looked at", async () => {
    const { compared, ...rest } = await compare((all) => all);
    expect(rest).toEqual({ live: 3000, next: 3000, isWhole: false, unsettled: 0, different: 0, differences: [] });
    expect(compared).toBeGreaterThanOrEqual(1000);
    expect(compared).toBeLessThan(2000);
  });

  test("each that differs counts, and the first twenty are shown with their fields", async () => {
    const { different, compared, differences } = await compare((all) =>
      all.map((each) => ({ ...each, total: Number(each["total"]) + 1 })),
    );
    expect(different).toBe(compared);
    expect(differences).toHaveLength(20);
    for (const { kind, fields } of differences) {
      expect(kind).toBe("different");
      expect(fields.map(({ field }) => field)).toEqual(["total"]);
    }
  });

  test("what only one of them has is found from its own side, a tombstone is nothing", async () => {
    const buried = { _asp: { v: 2, deleted: true } };
    const { live, next, different, differences } = await compare((all) => [
      ...all.slice(1500).map((each, n) => (n < 200 ? { _id: each["_id"], ...buried } : each)),
      ...models(1500).map((each) => ({ ...each, _id: `new ${each["_id"]}` })),
    ]);
    expect([live, next]).toEqual([3000, 2800]);
    expect(new Set(differences.map(({ kind }) => kind)).size).toBeGreaterThan(0);
    // Of each side about half is alone, and a thousand of each were looked at.
    expect(different).toBeGreaterThan(700);
  });
});
