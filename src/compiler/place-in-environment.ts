import type { TSchema } from "@sinclair/typebox";
import type { Document } from "bson";
import type { Environment } from "../config/environment.ts";
import { placeNamespace } from "../config/place-namespace.ts";
import type { Definition, ProcessorOptions } from "../stages/definition.ts";
import type { StageContext } from "../stages/values.ts";
import { isComputed } from "./check-names.ts";
import { child, rootCursor } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { describedValues } from "./described-values.ts";
import { dlqSchema } from "./dlq-schema.ts";
import { isDocument } from "./kinds.ts";
import type { KindSchema } from "./kinds.ts";
import { readStages, schemaOf } from "./read-stages.ts";

/**
 * A definition with the names that an environment gives to things: connections at a remote target, databases, collections, and the dead
 * letter queue where the processor names none. Computed names cannot be renamed and stay.
 */
export function placeInEnvironment(definition: Definition, environment: Environment): Definition {
  const { options, pipeline, ...rest } = definition;
  const placed = placeOptions(options, environment);
  return {
    ...rest,
    pipeline: hasOwnNames(environment) ? placePipeline(pipeline, "main", environment) : pipeline,
    ...(placed === undefined ? {} : { options: placed }),
  };
}

/** False where everything is called what pipelines call it. */
function hasOwnNames({ target, databases, collectionNames = {} }: Environment): boolean {
  return target !== "emulator" || Object.keys(databases).length > 0 || Object.keys(collectionNames).length > 0;
}

function placeOptions(options: ProcessorOptions | undefined, environment: Environment): ProcessorOptions | undefined {
  const dlq = options?.dlq ?? environment.dlq;
  return dlq === undefined ? options : { ...options, dlq: placeFields(dlqSchema, dlq, environment) };
}

/** Stages that the service runs itself; what runs on a cluster has that cluster's names. */
function placePipeline(
  pipeline: readonly Document[],
  context: StageContext,
  environment: Environment,
): readonly Document[] {
  const root = rootCursor({ pipeline }, { processor: undefined, place: undefined, placeOf: () => undefined });
  const { stages } = readStages(child(root, "pipeline"), context);
  return stages.map((located, index) => {
    const schema = schemaOf(located);
    const stage = pipeline[index] ?? {};
    if (schema === undefined) return stage;
    return { [located.name]: placeFields(schema, located.args.value, environment) };
  });
}

/** The value with what its schema calls a connection, a database, a collection or a pipeline of the service's own replaced. */
function placeFields<Value>(schema: TSchema, value: Value, environment: Environment): Value {
  const root = rootCursor(value, { processor: undefined, place: undefined, placeOf: () => undefined });
  let placed: unknown = value;
  for (const { schema: kind, cursor } of describedValues(schema, root)) {
    const path: (string | number)[] = [];
    for (let each = cursor; each.parent !== undefined; each = each.parent) path.unshift(each.key);
    const here = placeValue(kind, cursor, environment);
    if (here !== cursor.value) placed = withValue(placed, path, here);
  }
  return placed as Value;
}

function placeValue({ asp: kind, context }: KindSchema, cursor: Cursor, environment: Environment): unknown {
  const { value } = cursor;
  switch (kind) {
    case "connection":
      // The emulator's connections go by the names in the config; a remote registry has its own.
      if (environment.target === "emulator" || typeof value !== "string") return value;
      return look(environment.connections, value)?.name ?? value;
    case "database":
    case "computedDatabase":
      return isComputed(value) ? value : placeNamespace(value as string, "", environment).db;
    case "collection":
    case "collections":
    case "computedCollection": {
      const db = cursor.parent === undefined ? undefined : child(cursor.parent, "db").value;
      const place = (coll: unknown): unknown =>
        isComputed(coll) || isComputed(db) ? coll : placeNamespace(db as string, coll as string, environment).coll;
      return Array.isArray(value) ? value.map(place) : place(value);
    }
    case "pipeline":
      if ((context !== "window" && context !== "payload") || !Array.isArray(value)) return value;
      return placePipeline(value as readonly Document[], context, environment);
    default:
      return value;
  }
}

/** A copy with another value at a path; the order of keys stays. */
function withValue(whole: unknown, [key, ...rest]: readonly (string | number)[], value: unknown): unknown {
  if (key === undefined) return value;
  if (!isDocument(whole)) return whole;
  return { ...whole, [key]: withValue(whole[key], rest, value) };
}

/** A name such as `constructor` must not find what every object has. */
function look<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
