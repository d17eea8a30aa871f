import { Decimal128, Double, Int32, Long, ObjectId, Timestamp } from "bson";
import fc from "fast-check";
import type { TSchema } from "@sinclair/typebox";
import type { KindSchema } from "../../src/compiler/kinds.ts";
import { stageTable } from "../../src/stages/index.ts";
import type { StageContext, ValueKind } from "../../src/stages/values.ts";

type Arbitrary = fc.Arbitrary<unknown>;

/** Values that mostly fit a kind, and often stand at the edge of it. */
const byKind: Readonly<Record<ValueKind, (schema: KindSchema) => Arbitrary>> = {
  connection: ({ types = [] }) => fc.constant(connections[types[0] ?? ""] ?? "domain"),
  duration: ({ orZero }) => (orZero === true ? fc.oneof(durations, fc.constantFrom(0, new Int32(0))) : durations),
  offset: () => fc.record({ offsetFromUtc: whole(1, 20), unit: fc.constantFrom("ms", "second", "minute", "hour") }),
  schedule: () => fc.constantFrom("0 0/15 * * * *", "* * * * * *", " 1,2 0-5 ? * JAN-MAR MON "),
  group: () => fc.record({ _id: expressions, count: fc.constant({ $sum: 1 }) }, { requiredKeys: ["_id"] }),
  sort: () =>
    fc.dictionary(paths, fc.constantFrom<unknown>(1, -1, new Long(1), new Double(-1), { $meta: "textScore" }), {
      minKeys: 1,
      maxKeys: 3,
    }),
  partitions: () =>
    fc.dictionary(
      paths,
      fc.oneof(
        fc.constantFrom<unknown>("identity", "year", "month", "day", "hour"),
        fc.record({ bucket: whole(1, 2 ** 31 - 1) }),
        fc.record({ truncate: whole(1, 100) }),
      ),
      { minKeys: 1, maxKeys: 3 },
    ),
  metadata: () => fc.dictionary(fc.constantFrom("stream.a", "stream.b"), expressions, { minKeys: 1, maxKeys: 2 }),
  computed: () => operators,
  expression: () => expressions,
  expressions: () => fc.dictionary(names, expressions, { maxKeys: 3 }),
  query: () =>
    fc.constantFrom({}, { a: 1 }, { $expr: { $gt: ["$a", 1] } }, { $or: [{ a: { $in: [1] } }, { b: null }] }),
  projection: () => fc.constantFrom<unknown>({ a: 1 }, { a: 0, "b.c": 0 }, { a: "$b", _id: 0 }),
  pipeline: ({ context = "cluster", least = 0 }) => fc.array(stageIn(context), { minLength: least, maxLength: 2 }),
  choice: ({ words = [], context }) =>
    fc.oneof(
      fc.constantFrom(...words, "$mode"),
      operators,
      ...(context === undefined ? [] : [fc.array(stageIn(context), { minLength: 1, maxLength: 2 })]),
    ),
  whole: ({ least = 0, most = least + 100 }) => whole(least, most),
  time: () => fc.constantFrom(new Date(0), new Date(-1), new Timestamp({ t: 1, i: 1 })),
  timeField: () => fc.constantFrom<unknown>({ $toDate: "$at" }, { $dateFromString: { dateString: "$at" } }),
  text: () => texts,
  texts: () => fc.oneof(texts, fc.array(texts, { minLength: 1, maxLength: 3 })),
  computedText: () => fc.oneof(texts, operators),
  fieldName: () => names,
  path: () => paths,
  paths: () => fc.oneof(paths, fc.array(paths, { minLength: 1, maxLength: 3 })),
  fieldPath: () => paths.map((path) => `$${path}`),
  database: () => fc.constantFrom("shop", "ünïcødé"),
  collection: () => fc.constantFrom("orders", "a.b", "x y\n"),
  collections: () => fc.constantFrom<unknown>("orders", ["a", "b.c"]),
  computedDatabase: () => fc.oneof(fc.constantFrom("shop", "$db"), operators),
  computedCollection: () => fc.oneof(fc.constantFrom("orders", "$coll"), operators),
  documents: () =>
    fc.oneof(fc.array(fc.constantFrom<unknown>({}, { a: new ObjectId() }, { $a: 1 }), { maxLength: 3 }), operators),
  document: () => fc.constantFrom<unknown>({}, { a: new Decimal128("1E3") }, { _data: "82" }),
};

const connections: Readonly<Record<string, string>> = {
  Cluster: "domain",
  Kafka: "bus",
  SchemaRegistry: "registry",
  Https: "web",
  AWSLambda: "lambda",
  AWSKinesisDataStreams: "stream",
  S3: "bucket",
  AzureBlobStorage: "blobs",
  GCPPubSub: "pubsub",
};
const texts = fc.oneof(fc.string({ minLength: 1, maxLength: 8 }), fc.constantFrom("\n", "$", "$a.b", "ünïcødé 🎉"));
const names = fc.constantFrom("a", "b c", "é\n", "0", "constructor", "$id");
const paths = fc.array(names, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("."));
const operators = fc.constantFrom<unknown>({ $concat: ["a", "$b"] }, { $literal: 1 }, { $toString: "$$ROOT" });
const expressions = fc.oneof(
  operators,
  fc.constantFrom<unknown>(1, null, "$a.b", { a: [new Long(1), "$b"] }, new Date(0)),
);
const whole = (least: number, most: number): Arbitrary =>
  fc
    .integer({ min: least, max: most })
    .chain((number) =>
      fc.constantFrom<unknown>(
        number,
        new Int32(number),
        new Long(number),
        new Double(number),
        Decimal128.fromString(`${number}`),
      ),
    );
const durations = fc.record({ size: whole(1, 100), unit: fc.constantFrom("ms", "second", "minute", "hour", "day") });

/** A stage that may stand in a context, of any form and with any of its fields. */
export function stageIn(context: StageContext): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const stages = [...stageTable.values()].filter(({ contexts }) => contexts.includes(context));
  return fc
    .constantFrom(
      ...stages.flatMap((stage) => (stage.variants ?? [stage]).map(({ args }) => ({ name: stage.name, args }))),
    )
    .chain(({ name, args }) => fromSchema(args).map((value) => ({ [name]: value })));
}

function fromSchema(schema: TSchema): Arbitrary {
  const {
    asp,
    properties,
    required = [],
    enum: words,
    else: inner,
  } = schema as Partial<KindSchema> & {
    readonly properties?: Readonly<Record<string, TSchema>>;
    readonly required?: readonly string[];
    readonly enum?: readonly string[];
    readonly else?: TSchema;
  };
  if (asp !== undefined) return byKind[asp]({ ...schema, asp });
  if (inner !== undefined) return fc.oneof(operators, fromSchema(inner));
  if (words !== undefined) return fc.constantFrom(...words);
  if (properties === undefined) return fc.boolean();
  const entries = Object.entries(properties).map(([name, each]) => [name, fc.constant(each).chain(fromSchema)]);
  return fc.record(Object.fromEntries(entries) as Record<string, Arbitrary>, { requiredKeys: [...required] });
}
