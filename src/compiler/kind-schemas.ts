import { durationUnits, plainTransforms } from "../stages/values.ts";
import type { StageContext, ValueKind } from "../stages/values.ts";
import type { KindSchema } from "./kinds.ts";

/** A JSON Schema of standard keywords only, as editors read it. */
export type PlainSchema = Readonly<Record<string, unknown>>;

const text: PlainSchema = { type: "string", minLength: 1 };
const list = (items: PlainSchema): PlainSchema => ({ type: "array", minItems: 1, items });
const oneOrSeveral = (item: PlainSchema): PlainSchema => ({ anyOf: [item, list(item)] });
const closed = (properties: PlainSchema): PlainSchema => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

const part = "(?:\\$(?:id|ref|db)|[^.$\\u0000][^.\\u0000]*)";
const dotted = `${part}(?:\\.${part})*`;

const shared = (name: string): PlainSchema => ({ $ref: `#/$defs/${name}` });
const number = (least: number, most?: number): PlainSchema => ({
  anyOf: [{ type: "integer", minimum: least, ...(most === undefined ? {} : { maximum: most }) }, shared("number")],
});

/** What kinds have in common, to stand once under `$defs`. */
export const sharedSchemas = {
  /** A document with one key, an operator. */
  operator: {
    type: "object",
    minProperties: 1,
    maxProperties: 1,
    patternProperties: { "^\\$": {} },
    additionalProperties: false,
  },
  reference: { type: "string", pattern: "^\\$." },
  path: { type: "string", pattern: `^${dotted}$` },
  /** Numbers as Extended JSON wraps them; what is in the text, only `asp validate` looks at. */
  number: {
    anyOf: ["$numberInt", "$numberLong", "$numberDouble", "$numberDecimal"].map((type) =>
      closed({ [type]: { type: "string" } }),
    ),
  },
  duration: closed({ size: number(1), unit: { enum: durationUnits } }),
} as const satisfies Readonly<Record<string, PlainSchema>>;

const stages = (context: StageContext): PlainSchema => shared(stageDefinition(context));

/** Name under `$defs` of a stage that may stand in a context. */
export function stageDefinition(context: StageContext): string {
  return `${context}Stage`;
}

/**
 * Every {@link ValueKind} in standard JSON Schema, for values as Extended JSON writes them.
 *
 * Never stricter than `kinds.ts`, which has the last word: what JSON Schema cannot say is left open here.
 */
export const kindSchemas: Readonly<Record<ValueKind, (schema: KindSchema) => PlainSchema>> = {
  expression: () => ({}),
  expressions: () => ({ type: "object" }),
  query: () => ({ type: "object" }),
  projection: ({ least = 0 }) => ({ type: "object", minProperties: least }),
  pipeline: ({ least = 0, context = "cluster" }) => ({ type: "array", minItems: least, items: stages(context) }),
  choice: ({ words = [], context }) => ({
    anyOf: [
      { enum: words },
      shared("reference"),
      shared("operator"),
      ...(context === undefined ? [] : [{ type: "array", items: stages(context) }]),
    ],
  }),
  whole: ({ least = 0, most }) => number(least, most),
  duration: ({ orZero = false }) => ({ anyOf: [shared("duration"), ...(orZero ? [number(0, 0)] : [])] }),
  offset: () => closed({ offsetFromUtc: number(1), unit: { enum: durationUnits.filter((unit) => unit !== "day") } }),
  schedule: () => text,
  connection: () => text,
  group: () => ({ type: "object", required: ["_id"] }),
  sort: () => ({
    type: "object",
    minProperties: 1,
    additionalProperties: { anyOf: [{ enum: [1, -1] }, shared("number"), closed({ $meta: {} })] },
  }),
  partitions: () => ({
    type: "object",
    minProperties: 1,
    additionalProperties: {
      anyOf: [
        { enum: plainTransforms },
        ...["truncate", "bucket"].map((name) => closed({ [name]: number(1, 2 ** 31 - 1) })),
      ],
    },
  }),
  metadata: () => ({ type: "object", minProperties: 1 }),
  computed: () => ({ anyOf: [shared("reference"), shared("operator")] }),
  time: () => ({ anyOf: [closed({ $date: {} }), closed({ $timestamp: {} })] }),
  timeField: () => ({ anyOf: [closed({ $toDate: {} }), closed({ $dateFromString: {} })] }),
  text: () => text,
  texts: () => oneOrSeveral(text),
  computedText: () => ({ anyOf: [text, shared("operator")] }),
  fieldName: () => ({ type: "string", pattern: `^${part}$` }),
  path: () => sharedSchemas.path,
  paths: () => oneOrSeveral(shared("path")),
  fieldPath: () => ({ type: "string", pattern: `^\\$${dotted}$` }),
  database: () => text,
  collection: () => text,
  collections: () => oneOrSeveral(text),
  computedDatabase: () => ({ anyOf: [text, shared("operator")] }),
  computedCollection: () => ({ anyOf: [text, shared("operator")] }),
  documents: () => ({ anyOf: [{ type: "array", items: { type: "object" } }, shared("operator")] }),
  document: () => ({ type: "object" }),
};
