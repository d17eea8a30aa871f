import type { TSchema } from "@sinclair/typebox";
import { Ajv } from "ajv";
import type { ErrorObject, ValidateFunction } from "ajv";
import { kinds } from "./kinds.ts";
import type { KindSchema } from "./kinds.ts";

/** Checks values against the schemas of stages. */
export type Check = (schema: TSchema, value: unknown) => readonly ErrorObject[];

/** Notes of our schemas that say something to other readers than ajv. */
const annotations = ["words", "context", "least"];

/**
 * A checker that makes each validator when it is first needed: a command pays for the stages that it meets and no others.
 */
function createCheck(): Check {
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    strict: true,
    validateSchema: false,
    addUsedSchema: false,
    code: { optimize: false },
  });
  for (const keyword of annotations) ajv.addKeyword(keyword);
  ajv.addKeyword({
    keyword: "asp",
    schemaType: "string",
    errors: false,
    validate: (kind: KindSchema["asp"], value: unknown, schema?: unknown) =>
      kinds[kind].accepts(value, schema as KindSchema),
  });
  const validators = new Map<TSchema, ValidateFunction>();
  return (schema, value) => {
    let validate = validators.get(schema);
    if (validate === undefined) validators.set(schema, (validate = ajv.compile(schema)));
    return validate(value) ? [] : [...(validate.errors ?? [])];
  };
}

let shared: Check | undefined;

/** The one checker of this process: nothing but compiled validators is kept, so whose it is cannot be seen. */
export const checkSchema: Check = (schema, value) => (shared ??= createCheck())(schema, value);
