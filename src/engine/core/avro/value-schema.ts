import { EJSON } from "bson";
import { fieldOf } from "../exact-bson.ts";
import { AvroError } from "./avro-type.ts";
import { parseAvroSchema } from "./parse-avro-schema.ts";
import type { AvroType } from "./avro-type.ts";

export type SubjectNameStrategy = "TopicNameStrategy" | "RecordNameStrategy" | "TopicRecordNameStrategy";

/** A `schemaRegistry.valueSchema`, ready to write with. */
export interface ValueSchema {
  /** As the registry takes it. */
  readonly text: string;
  readonly type: AvroType;
  readonly autoRegister: boolean;
  readonly strategy: SubjectNameStrategy;
}

/**
 * Reads a `valueSchema`, written in the pipeline or evaluated for a document.
 *
 * @throws AvroError
 */
export function parseValueSchema(value: unknown): ValueSchema {
  const kind = fieldOf(value, "type");
  if (kind !== "avro") throw new AvroError("`valueSchema.type` must be avro");
  const text = EJSON.stringify(fieldOf(value, "schema"), { relaxed: true });
  const options = fieldOf(value, "options");
  const autoRegister = fieldOf(options, "autoRegisterSchemas") !== false;
  const strategy = (fieldOf(options, "subjectNameStrategy") ?? "TopicNameStrategy") as SubjectNameStrategy;
  return {
    text,
    type: parseAvroSchema(JSON.parse(text)),
    autoRegister,
    // Other names are only made up for schemas that are registered.
    strategy: autoRegister ? strategy : "TopicNameStrategy",
  };
}

/**
 * What a schema is called in the registry. Source: asp-language section 1.7, and Confluent's strategies of these names.
 *
 * @throws AvroError
 */
export function subjectOf({ type, strategy }: ValueSchema, topic: string): string {
  if (strategy === "TopicNameStrategy") return `${topic}-value`;
  if (type.kind !== "record") throw new AvroError(`${strategy} needs the schema of a record`);
  return strategy === "RecordNameStrategy" ? type.name : `${topic}-${type.name}`;
}
