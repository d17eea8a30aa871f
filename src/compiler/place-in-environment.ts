import type { Document } from "bson";
import type { Environment } from "../config/environment.ts";
import type { Definition, ProcessorOptions } from "../stages/definition.ts";
import { isComputed } from "./check-names.ts";

/**
 * A definition with the names that an environment gives to things: databases, connections at a remote target, and the dead
 * letter queue where the processor names none. Computed names cannot be renamed and stay.
 */
export function placeInEnvironment(definition: Definition, environment: Environment): Definition {
  const { options, ...rest } = definition;
  const placed = placeOptions(options, environment);
  return {
    ...rest,
    pipeline: definition.pipeline.map((stage) => placeStage(stage, environment)),
    ...(placed === undefined ? {} : { options: placed }),
  };
}

function placeOptions(options: ProcessorOptions | undefined, environment: Environment): ProcessorOptions | undefined {
  const dlq = options?.dlq ?? environment.dlq;
  return dlq === undefined ? options : { ...options, dlq: rename({ ...dlq }, environment) };
}

function placeStage(stage: Document, environment: Environment): Document {
  const [name] = Object.keys(stage);
  if (name === "$source") return { $source: rename(stage.$source as Document, environment) };
  if (name !== "$merge") return stage;
  const merge = stage.$merge as Document;
  return { $merge: { ...merge, into: rename(merge.into as Document, environment) } };
}

function rename<Target extends Document>(target: Target, environment: Environment): Target {
  const renamed: Document = { ...target };
  if (!isComputed(target.db)) renamed.db = look(environment.databases, target.db as string) ?? target.db;
  // The emulator's connections go by the names in the config; a remote registry has its own.
  if (environment.target !== "emulator" && typeof target.connectionName === "string") {
    renamed.connectionName = look(environment.connections, target.connectionName)?.name ?? target.connectionName;
  }
  return renamed as Target;
}

/** A name such as `constructor` must not find what every object has. */
function look<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
