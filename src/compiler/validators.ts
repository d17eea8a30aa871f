import type { TSchema } from "@sinclair/typebox";
import type { ErrorObject, ValidateFunction } from "ajv";
import { compileSchema } from "./compile-schema.ts";

/** Nothing but validators is kept, so whose they are cannot be seen. */
const validators = new Map<TSchema, ValidateFunction>();

/** Checks a value against a schema; a validator is made when it is first needed: a command pays for the stages that it meets. */
export function checkSchema(schema: TSchema, value: unknown): readonly ErrorObject[] {
  let validate = validators.get(schema);
  if (validate === undefined) validators.set(schema, (validate = compileSchema(schema)));
  return validate(value) ? [] : [...(validate.errors ?? [])];
}
