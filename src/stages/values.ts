import { Type } from "@sinclair/typebox";
import type { Decimal128, Double, Int32, Long, Timestamp } from "bson";

/** What an MQL expression may be; operators are checked by the compiler, not by the editor. */
export type Expression = string | number | bigint | boolean | null | object;

/** A query document, as `$match` and `find` take it. */
export type Query = Readonly<Record<string, unknown>>;

/** A whole number as mongosh, EJSON or JavaScript write it. */
export type Whole =
  | number
  | Int32
  | Long
  | Double
  | Decimal128
  | { readonly $numberInt: string }
  | { readonly $numberLong: string };

/** A text that an expression may compute: `"$field"` and `{ $concat: … }` included. */
export type Computed = string | { readonly [operator: string]: unknown };

/** `"$field"`, `"$$variable"` or an operator: an expression where a plain text would be one of the fixed words. */
export type Choosing = `$${string}` | { readonly [operator: string]: unknown };

/** Where a pipeline inside a stage runs, and so which stages it may hold. */
export type StageContext = "main" | "window" | "payload" | "changeStream" | "whenMatched";

/**
 * Values that JSON Schema cannot say well, because they are BSON or MQL. Each is one word of the `asp` keyword, so that a
 * schema tells three readers at once: ajv what to accept, the expression walk where expressions stand, and the docs.
 */
export type ValueKind =
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

function value<T>(kind: ValueKind, notes: ValueNotes) {
  return Type.Unsafe<T>({ asp: kind, ...notes });
}

/** Any MQL expression. */
export const expression = (description: string) => value<Expression>("expression", { description });
/** A document whose values are expressions. */
export const expressions = (description: string) =>
  value<Readonly<Record<string, Expression>>>("expressions", { description });
/** A query document. Expressions stand in it under `$expr` only. */
export const query = (description: string) => value<Query>("query", { description });
/** A `$project` document: fields to 0, 1, true, false or an expression. */
export const projection = (description: string) =>
  value<Readonly<Record<string, Expression>>>("projection", { description, least: 1 });
/** Stages that run in another context than the processor's own. */
export const pipeline = (context: StageContext, description: string) =>
  value<readonly Readonly<Record<string, unknown>>[]>("pipeline", { description, context });
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
export const word = <const Word extends string>(words: readonly Word[], description: string) =>
  Type.Unsafe<Word>({ enum: words, description });
/** A whole number of at least `least`, of any BSON number type. */
export const whole = (description: string, least: number) => value<Whole>("whole", { description, least });
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
/** The path of a field without a dollar: `"data.items"`. */
export const path = (description: string) => value<string>("path", { description });
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
  value<readonly object[] | { readonly [operator: string]: unknown }>("documents", { description });
/** A document as data. */
export const document = (description: string) => value<object>("document", { description });
/** True or false. */
export const flag = (description: string) => Type.Boolean({ description });
