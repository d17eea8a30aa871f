import { EJSON, ObjectId } from "bson";
import type { Document } from "bson";
import fc from "fast-check";
import type { Db, MongoClient } from "mongodb";
import { expect } from "vitest";
import { compileProjection } from "../../../src/projections/compile-projection.ts";
import { processorBrand } from "../../../src/projections/processor-value.ts";
import type { TestDatabase } from "../../support/mongod.ts";
import { seed } from "./check-laws.ts";
import { anyView, expressions, fieldNames, typedEvent } from "./expressions.ts";
import type { Expression, Fields } from "./expressions.ts";
import { canonical } from "./plain-fold.ts";
import { readModels, runDeliveries } from "./run-deliveries.ts";

interface Case {
  readonly expression: Expression;
  readonly initial: Document;
  /** True where no handler makes a field null. */
  readonly solid: boolean;
  readonly pairs: readonly { readonly view: Document | undefined; readonly data: Document }[];
}

const cases = fc.record({
  expression: fc.constantFrom(...fieldNames, "any" as const).chain((kind) => expressions(kind, 3)),
  initial: anyView,
  solid: fc.boolean(),
  // Without a view, the event is the first one.
  pairs: fc.array(fc.record({ view: fc.option(anyView, { nil: undefined }), data: typedEvent }), {
    minLength: 4,
    maxLength: 8,
  }),
});

/** Any expression gives over a read model what the server gives when it is asked directly, over `initial` as well. */
export async function checkExpressions({ client, freshDb }: TestDatabase, numRuns: number): Promise<void> {
  const database = client.db(freshDb());
  await fc.assert(
    fc.asyncProperty(cases, (one) => checkCase(client, database, one)),
    { numRuns, seed },
  );
}

/** True where some operator has constants alone for operands: the server refuses a pipeline in which such a one fails. */
function foldsConstants(expression: unknown): boolean {
  if (typeof expression !== "object" || expression === null) return false;
  const isOperator = Object.keys(expression).some((key) => key.startsWith("$"));
  if (isOperator && !/"\$(view|data)/.test(JSON.stringify(expression))) return true;
  return Object.values(expression).some(foldsConstants);
}

async function checkCase(
  client: MongoClient,
  database: Db,
  { expression, initial, solid, pairs: given }: Case,
): Promise<void> {
  fc.pre(!foldsConstants(expression(paths)));
  const defaults: Document = { n: 7, s: "none", a: [], o: {}, ...withoutNulls(initial) };
  const pairs = given.map(({ view, data }) => ({
    view: solid && view !== undefined ? { ...defaults, ...withoutNulls(view) } : view,
    data,
  }));
  const coll = new ObjectId().toHexString();
  const { definition, findings } = compileProjection(
    projection(expression, initial, solid ? defaults : undefined, coll),
    { at: () => undefined },
  );
  if (definition === undefined) throw new Error(JSON.stringify(findings));
  const expected = new Map<string, string>();
  const results = await evaluate(
    database,
    expression,
    pairs.map(({ view, data }) => ({ view: view ?? initial, data })),
  );
  for (const [number, { view }] of pairs.entries()) {
    const result = results[number];
    if (result !== undefined) expected.set(String(number), canonical({ ...(view ?? initial), ...result }));
    else if (view !== undefined) expected.set(String(number), canonical(view));
  }
  const deliveries = pairs.flatMap(({ view, data }, number) => [
    ...(view === undefined ? [] : [{ streamId: number, version: 1, type: "SetView", data: view }]),
    { streamId: number, version: 2, type: "Apply", data },
  ]);
  await runDeliveries(client, database.databaseName, definition, deliveries);
  const actual = new Map(
    [...(await readModels(client, database.databaseName, coll))].map(([key, model]) => [
      EJSON.parse(key),
      canonical(model),
    ]),
  );
  const text = EJSON.stringify(expression(paths));
  expect({ text, models: Object.fromEntries(actual) }).toEqual({ text, models: Object.fromEntries(expected) });
}

const paths: Fields = {
  view: Object.fromEntries(fieldNames.map((name) => [name, `$view.${name}`])),
  data: Object.fromEntries(fieldNames.map((name) => [name, `$data.${name}`])),
};

/**
 * The expression over each view and event, asked of the server; undefined where it fails. By the `update` command, because an `aggregate`
 * rewrites expressions first, and then some do not fail that would.
 */
async function evaluate(
  database: Db,
  expression: Expression,
  pairs: readonly { readonly view: Document; readonly data: Document }[],
): Promise<readonly (Document | undefined)[]> {
  const collection = database.collection<{ _id: number }>(new ObjectId().toHexString());
  await collection.insertMany(pairs.map((pair, _id) => ({ _id, ...pair })));
  const result = { $replaceWith: { _id: "$_id", result: { r: expression(paths) } } };
  const updates = pairs.map((_, _id) => ({ q: { _id }, u: [result] }));
  await database.command({ update: collection.collectionName, updates, ordered: false });
  const documents: readonly Document[] = await collection.find().sort({ _id: 1 }).toArray();
  return documents.map(({ result: value }) => value as Document | undefined);
}

function projection(
  expression: Expression,
  initial: Document,
  defaults: Document | undefined,
  coll: string,
): Parameters<typeof compileProjection>[0] {
  return {
    [processorBrand]: "projection",
    name: "law",
    into: { connectionName: "domain", db: "any", coll },
    source: { connectionName: "events", db: "any", coll: "events" },
    initial,
    on: {
      SetView: ({ data }: never) =>
        Object.fromEntries(
          fieldNames.map((name) => {
            const field: unknown = data[name];
            return [name, defaults === undefined ? field : { $ifNull: [field, defaults[name]] }];
          }),
        ),
      Apply: ({ data }: never, view: never) => ({ r: expression({ view, data }) }),
    },
  };
}

function withoutNulls(fields: Document): Document {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
