import type { TSchema } from "@sinclair/typebox";
import type { StageDescription } from "../stages/define-stage.ts";
import { stageTable } from "../stages/index.ts";
import { serverOnly } from "../stages/server-only.ts";
import type { StageContext } from "../stages/values.ts";
import { dlqSchema } from "./dlq-schema.ts";
import { kindSchemas, sharedSchemas, stageDefinition } from "./kind-schemas.ts";
import type { PlainSchema } from "./kind-schemas.ts";
import type { SchemaParts } from "./schema-parts.ts";

/** A schema of `stages/` in standard keywords, which any JSON Schema validator understands. */
function toPlainSchema(schema: TSchema): PlainSchema {
  const { asp, description, type, enum: words, properties, required, else: inner }: SchemaParts = schema;
  const about = description === undefined ? {} : { description };
  if (asp !== undefined) return { ...about, ...kindSchemas[asp]({ ...schema, asp }) };
  // `orExpression`: an operator or what it would give.
  if (inner !== undefined)
    return { ...about, anyOf: [toPlainSchema(inner), kindSchemas.computed({ asp: "computed" })] };
  if (words !== undefined) return { ...about, enum: words };
  if (properties === undefined) return { ...about, type };
  return {
    ...about,
    type: "object",
    properties: Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, toPlainSchema(each)])),
    ...(required === undefined ? {} : { required }),
    additionalProperties: false,
  };
}

function argsSchema({ summary, variants, args }: StageDescription): PlainSchema {
  if (variants === undefined) return { ...toPlainSchema(args), description: summary };
  const forms = variants.map((variant) => ({ ...toPlainSchema(variant.args), description: variant.summary }));
  return { description: summary, anyOf: forms };
}

const contexts: readonly StageContext[] = ["main", "window", "payload", "changeStream", "whenMatched", "cluster"];

/** One stage: an object with one key out of those that may stand there. */
function stageSchema(context: StageContext): PlainSchema {
  const ours = [...stageTable.values()].filter((stage) => stage.contexts.includes(context)).map(({ name }) => name);
  const reference = (name: string): PlainSchema => ({ $ref: `#/$defs/${name}` });
  // Arguments of what a cluster runs are its own affair, and it has more stages than ASP.
  const names = context === "cluster" ? [...ours, ...serverOnly.keys()] : ours;
  return {
    type: "object",
    properties: Object.fromEntries(names.map((name) => [name, context === "cluster" ? {} : reference(name)])),
    additionalProperties: false,
    minProperties: 1,
    maxProperties: 1,
  };
}

/** A definition `{name, pipeline, options}` as `asp compile` writes it, for editors: `schema/processor.schema.json`. */
export const processorSchema: PlainSchema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  $id: "urn:asp-toolkit:processor",
  title: "Definition of a stream processor",
  type: "object",
  required: ["name", "pipeline"],
  additionalProperties: false,
  properties: {
    name: { description: "Unique within the workspace.", type: "string", pattern: "\\S" },
    pipeline: {
      description: "`$source` first, a sink last.",
      type: "array",
      minItems: 2,
      items: { $ref: `#/$defs/${stageDefinition("main")}` },
    },
    options: {
      description: "Dead letter queue and what else the service takes.",
      type: "object",
      properties: { dlq: { ...toPlainSchema(dlqSchema), description: "Where documents go that fail." } },
    },
  },
  $defs: {
    ...sharedSchemas,
    ...Object.fromEntries(contexts.map((context) => [stageDefinition(context), stageSchema(context)])),
    ...Object.fromEntries([...stageTable].map(([name, stage]) => [name, argsSchema(stage)])),
  },
};
