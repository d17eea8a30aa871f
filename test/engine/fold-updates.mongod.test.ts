import type { Document } from "bson";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileProjection } from "../../src/projections/compile-projection.ts";
import { defineProjection, remove } from "../../src/index.ts";
import { foldUpdates } from "../../src/engine/core/fold-updates.ts";
import { findDiscriminator, specialize } from "../../src/engine/core/specialize.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { freshName, storedBytes } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

/** The `whenMatched` pipelines that projections compile to. */
const compiled = (["version", "streams"] as const).flatMap((guard) => [
  whenMatchedOf({ guard, initial: { n: 0, items: [] } }),
  whenMatchedOf({ guard, initial: { n: 0, items: [], share: 0 }, divides: true }),
]);

function whenMatchedOf(shape: {
  guard: "version" | "streams";
  initial: Document;
  divides?: boolean;
}): readonly Document[] {
  const value = defineProjection<Document, { type: string; data: Document }>({
    name: "counts",
    into: { connectionName: "c", db: "shop", coll: "counts" },
    source: {
      connectionName: "c",
      db: "shop",
      coll: "events",
      envelope: { id: "_id", stream: "s", version: "v", type: "type", time: "at", data: "data" },
    },
    guard: shape.guard,
    initial: shape.initial,
    on: {
      Added: ({ data }: never, view: never) => added(data, view, shape.divides === true),
      Named: ({ data }: { data: { name: unknown } }) => ({ "who.name": data.name }),
      Cleared: () => ({ items: [] }),
      Gone: () => remove(),
    },
  } as never);
  const { definition, findings } = compileProjection(value, { at: () => undefined });
  expect(findings).toEqual([]);
  return definition?.pipeline.at(-1)?.["$merge"].whenMatched as Document[];
}

function added(data: Document, view: Document, divides: boolean): Document {
  return {
    n: { $add: [view["n"], data["n"]] },
    items: { $concatArrays: [view["items"], [data["n"]]] },
    ...(divides ? { share: { $divide: [view["n"], { $size: view["items"] }] } } : {}),
  };
}

const incoming = fc.record({
  _asp: fc.record({
    v: fc.integer({ min: 1, max: 9 }),
    s: fc.record({ s: fc.constantFrom("a", "b"), v: fc.integer({ min: 1, max: 9 }) }).map((entry) => [entry]),
    type: fc.constantFrom("Added", "Named", "Cleared", "Gone"),
    data: fc.record({ n: fc.integer({ min: 0, max: 5 }), name: fc.constantFrom("x", "y") }),
    deleted: fc.option(fc.constant(true), { freq: 6, nil: false }),
  }),
  n: fc.integer({ min: 0, max: 5 }),
  items: fc.constant([]),
  who: fc.constant({ name: "z" }),
});

const runs = Number(process.env["ASP_PROPERTY_RUNS"] ?? 30);

/** Applies updates as one command each; gives what is stored then, or why it was refused. */
async function apply(before: Document, updates: readonly { readonly u: readonly Document[]; readonly c: Document }[]) {
  const coll = freshName();
  const db = mongod.client.db(mongod.db);
  await db.collection<Document>(coll).insertOne(before);
  const refused: number[] = [];
  for (const [index, { u, c }] of updates.entries()) {
    const reply = await db.command({ update: coll, updates: [{ q: { _id: before["_id"] }, u, c }] });
    if (reply["writeErrors"] !== undefined) refused.push(index);
  }
  const bytes = await storedBytes(mongod.client, mongod.db, coll);
  await db.dropCollection(coll);
  return { bytes, refused };
}

test.each(compiled.map((pipeline, index) => [index, pipeline] as const))(
  "the folded update of compiled projection %i gives what the updates give one by one",
  async (_, pipeline) => {
    const folded = foldUpdates(pipeline)?.pipeline;
    expect(folded).toBeDefined();
    const before = { _id: 1, n: 1, items: [1], share: 1, _asp: { v: 3, s: [{ s: "a", v: 3 }] } };
    const law = fc.asyncProperty(fc.array(incoming, { minLength: 1, maxLength: 6 }), async (list) => {
      const documents = list.map((document) => ({ _id: 1, ...document }));
      const single = await apply(
        before,
        documents.map((document) => ({ u: pipeline, c: { new: document } })),
      );
      const together = await apply(before, [{ u: folded ?? [], c: { es: documents } }]);
      // Where one is refused, all are, and the sink writes them one by one.
      if (together.refused.length > 0) expect(single.refused).not.toEqual([]);
      else expect(together).toEqual({ bytes: single.bytes, refused: single.refused });
    });
    await fc.assert(law, { numRuns: runs });
  },
);

test.each(compiled.map((pipeline, index) => [index, pipeline] as const))(
  "compiled projection %i, left with the branches that an event can take, gives what the whole one gives",
  async (_, pipeline) => {
    const by = findDiscriminator(pipeline);
    expect(by?.reference).toBe("$$new._asp.type");
    if (by === undefined) return;
    const before = { _id: 1, n: 1, items: [1], share: 1, _asp: { v: 3, s: [{ s: "a", v: 3 }] } };
    const law = fc.asyncProperty(
      incoming,
      fc.subarray(["Added", "Named", "Cleared", "Gone", "Other"]),
      async (document, more) => {
        const pruned = specialize(pipeline, by, new Set([document._asp.type, ...more]));
        const c = { new: { _id: 1, ...document } };
        expect(await apply(before, [{ u: pruned, c }])).toEqual(await apply(before, [{ u: pipeline, c }]));
      },
    );
    await fc.assert(law, { numRuns: runs });
    const one = JSON.stringify(specialize(pipeline, by, new Set(["Cleared"])));
    expect(one.length).toBeLessThan(JSON.stringify(pipeline).length);
    expect(one).not.toContain("$divide");
  },
);
