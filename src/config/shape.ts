import { Type } from "@sinclair/typebox";
import type { ObjectOptions, Static, StringOptions, TProperties, TSchema } from "@sinclair/typebox";

/** A mapping that knows all its keys: any other is a finding. */
export const mapping = <Properties extends TProperties>(properties: Properties, options: ObjectOptions = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options });

/** A text that is not empty. */
export const text = (description: string, options: StringOptions = {}) =>
  Type.String({ minLength: 1, description, ...options });

/** One of a few texts: a single `enum`, so that a finding can name what is allowed. */
export const oneOf = <const Values extends readonly string[]>(values: Values, description: string) =>
  Type.Unsafe<Values[number]>({ type: "string", enum: [...values], description });

/** Names of the user's own choice, each with the same shape. */
export const named = <Schema extends TSchema>(schema: Schema, description: string) =>
  Type.Unsafe<Readonly<Record<string, Static<Schema>>>>({
    type: "object",
    additionalProperties: schema,
    description,
  });

/** A mapping that is handed on as it stands: its keys are the server's, or the user's own. */
export const handedOn = (description: string) =>
  Type.Unsafe<Readonly<Record<string, unknown>>>({ type: "object", description });
