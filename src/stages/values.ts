import { Type } from "@sinclair/typebox";
import type { Static, TProperties, TSchema } from "@sinclair/typebox";
import type { Timestamp } from "bson";
import type { ConstantUse } from "./constant-use.ts";
import type {
  Choosing,
  Computed,
  Duration,
  Expression,
  PartitionTransform,
  Query,
  Whole,
  WindowOffset,
} from "./value-types.ts";

/**
 * Where a pipeline inside a stage runs, and so which stages it may hold. `cluster` is a pipeline that the target's cluster runs by its own
 * rules, as that of `$lookup`.
 */
export type StageContext = "main" | "window" | "payload" | "changeStream" | "whenMatched" | "cluster";

/** Units of a duration. Source: asp-language section 1.1.1. */
export const durationUnits = ["ms", "second", "minute", "hour", "day"] as const satisfies readonly Duration["unit"][];

/**
 * Values that JSON Schema cannot say well, because they are BSON or MQL. Each is one word of the `asp` keyword, so that a
 * schema tells three readers at once: ajv what to accept, the expression walk where expressions stand, and the docs.
 */
export type ValueKind =
  | "connection"
  | "duration"
  | "offset"
  | "schedule"
  | "group"
  | "sort"
  | "partitions"
  | "metadata"
  | "computed"
  | "expression"
  | "expressions"
  | "query"
  | "projection"
  | "pipeline"
  | "choice"
  | "whole"
  | "time"
  | "timeField"
  | "text"
  | "texts"
  | "computedText"
  | "fieldName"
  | "path"
  | "paths"
  | "fieldPath"
  | "database"
  | "collection"
  | "collections"
  | "computedDatabase"
  | "computedCollection"
  | "documents"
  | "document";

export interface ValueNotes {
  readonly description: string;
  readonly [note: string]: unknown;
}

/** What is written by mistake, by what others document or by habit, to the right form. Source: asp-language section 9.3. */
export type Mistaken = Readonly<Record<string, string>>;

/** Fields of a stage, or of a document in one; nothing else may stand there. */
export const fields = <Properties extends TProperties>(
  properties: Properties,
  notes: { readonly description?: string; readonly mistaken?: Mistaken } = {},
) => Type.Object(properties, { additionalProperties: false, ...notes });

function value<T>(kind: ValueKind, notes: ValueNotes) {
  return Type.Unsafe<T>({ asp: kind, ...notes });
}

/** What is known of an expression's constants, and of a document that others write in its place. */
interface ExpressionNotes {
  /** What a constant must be. */
  readonly takes?: ConstantUse;
  /** Fields of such a document, to the fields that hold the same. */
  readonly parts?: Readonly<Record<string, string>>;
}

/** Any MQL expression. */
export const expression = (description: string, notes: ExpressionNotes = {}) =>
  value<Expression>("expression", { description, ...notes });
/** A field path or one other expression; no document of several fields. */
export const oneValue = (description: string) => value<Expression>("expression", { description, mostFields: 1 });
/** A document whose values are expressions. */
export const expressions = (description: string, notes: Pick<ExpressionNotes, "takes"> = {}) =>
  value<Readonly<Record<string, Expression>>>("expressions", { description, ...notes });
/** A query document. Expressions stand in it under `$expr` only. */
export const query = (description: string) => value<Query>("query", { description });
/** A `$project` document: fields to 0, 1, true, false or an expression. */
export const projection = (description: string) =>
  value<Readonly<Record<string, Expression>>>("projection", { description, least: 1 });
/** Stages that run in another context than the processor's own; `least` is how many there must be. */
export const pipeline = <Each = Readonly<Record<string, unknown>>>(
  context: StageContext,
  description: string,
  least = 0,
) => value<readonly Each[]>("pipeline", { description, context, least });
/** One of the words, or an expression that gives one. */
export const choice = <const Word extends string>(words: readonly Word[], description: string) =>
  value<Word | Choosing>("choice", { description, words });
/** One of the words, a pipeline of `context`, or an expression that gives one of the words. */
export const choiceOrPipeline = <const Word extends string>(
  words: readonly Word[],
  context: StageContext,
  description: string,
) => value<Word | Choosing | readonly Readonly<Record<string, unknown>>[]>("choice", { description, words, context });
/** One of the words, literally. */
export const word = <const Word extends string>(
  words: readonly Word[],
  description: string,
  notes: { readonly mistaken?: Mistaken } = {},
) => Type.Unsafe<Word>({ enum: words, description, ...notes });
/** A value of the given shape, or an expression over the document that gives one. */
export const orExpression = <Inner extends TSchema>(inner: Inner) =>
  Type.Unsafe<Static<Inner> | Choosing>({
    ...(inner.description === undefined ? {} : { description: inner.description }),
    if: { asp: "computed" },
    then: {},
    else: inner,
  });
/** A whole number of at least `least` and at most `most`, of any BSON number type. */
export const whole = (description: string, least: number, most?: number) =>
  value<Whole>("whole", { description, least, ...(most === undefined ? {} : { most }) });
/** How many threads work on a stage; those of all stages count against the tier. Source: asp-language section 7.2. */
export const parallelism = (description: string, most?: number) =>
  value<Whole>("whole", { description, least: 1, isParallelism: true, ...(most === undefined ? {} : { most }) });
/** A connection of one of these types, by the name that it has in the config. */
export const connection = (types: readonly [string, ...string[]], description: string) =>
  value<string>("connection", { description, types });
/** A length of time; at most `mostMs` milliseconds. */
export const duration = (description: string, mostMs?: number) =>
  value<Duration>("duration", { description, ...(mostMs === undefined ? {} : { mostMs }) });
/** A length of time, or 0 for none. */
export const durationOrZero = (description: string) => value<Duration | 0>("duration", { description, orZero: true });
/** By how much windows are shifted against UTC. */
export const offset = (description: string) => value<WindowOffset>("offset", { description });
/** A cron schedule of six fields. */
export const schedule = (description: string) => value<string>("schedule", { description });
/** A `$group` document: `_id` to an expression, other fields to accumulators. */
export const group = (description: string) =>
  value<{ readonly _id: Expression } & Readonly<Record<string, Expression>>>("group", { description });
/** A `$sort` document: fields to 1, -1 or `{ $meta: … }`. */
export const sort = (description: string) =>
  value<Readonly<Record<string, Whole | { readonly $meta: string }>>>("sort", { description });
/** Words for a transform of Iceberg that has no width. */
export const plainTransforms = [
  "identity",
  "year",
  "month",
  "day",
  "hour",
] as const satisfies readonly PartitionTransform[];
/** Columns to transforms of Iceberg. */
export const partitions = (description: string) =>
  value<Readonly<Record<string, PartitionTransform>>>("partitions", { description });
/** Metadata to set: `stream.<name>` to expressions. */
export const metadata = (description: string) =>
  value<{ readonly [path: `stream.${string}`]: Expression }>("metadata", { description });
/** A point in time: a date or a BSON timestamp. */
export const time = (description: string) =>
  value<Date | Timestamp | { readonly $date: unknown } | { readonly $timestamp: unknown }>("time", { description });
/** Where an event's own time is: `$toDate` or `$dateFromString` and nothing else. */
export const timeField = () =>
  value<{ readonly $toDate: Expression } | { readonly $dateFromString: object }>("timeField", {
    description: "The event's own time: { $toDate: … } or { $dateFromString: … }. Absent: the source's time.",
  });
/** A literal text, not empty. */
export const text = (description: string) => value<string>("text", { description });
/** A name that is none of the document's fields and cannot be computed; none begins with a dollar. */
export const literal = (description: string) => value<string>("text", { description, literal: true });
/** Such a name, or several. */
export const literals = (description: string) => value<string | readonly string[]>("texts", { description });
/** A text, or an expression over the document that gives one. */
export const computedText = (description: string) => value<Computed>("computedText", { description });
/** The path of a field without a dollar: `"data.items"`. */
export const path = (description: string) => value<string>("path", { description });
/** The name of a field, neither dotted nor with a dollar: `"orders"`. */
export const fieldName = (description: string) => value<string>("fieldName", { description });
/** The path, without a dollar, of a field that must hold a date. */
export const datePath = (description: string) => value<string>("path", { description, isDate: true });
/** One path of a field without a dollar, or several. */
export const paths = (description: string) => value<string | readonly string[]>("paths", { description });
/** The path of a field with its dollar: `"$items"`. */
export const fieldPath = (description: string) => value<string>("fieldPath", { description });
/** A database by name. */
export const database = (description: string) => value<string>("database", { description });
/** A collection by name. */
export const collection = (description: string) => value<string>("collection", { description });
/** One collection by name, or several. */
export const collections = (description: string) => value<string | readonly string[]>("collections", { description });
/** A database by name or by an expression over the document. */
export const computedDatabase = (description: string) => value<Computed>("computedDatabase", { description });
/** A collection by name or by an expression over the document. */
export const computedCollection = (description: string) => value<Computed>("computedCollection", { description });
/** A list of documents as data, or an expression that gives one. */
export const documents = (description: string) =>
  value<readonly object[] | { readonly [operator: `$${string}`]: unknown }>("documents", { description });
/** A document as data. */
export const document = (description: string) => value<object>("document", { description });
/** True or false. */
export const flag = (description: string) => Type.Boolean({ description });
