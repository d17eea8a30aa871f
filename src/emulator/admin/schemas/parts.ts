import { Type, type TProperties, type TSchema } from "@sinclair/typebox";
import { tierNames } from "../../../stages/tiers.ts";

/** A document that knows all its fields. */
export const closed = <Properties extends TProperties>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });

export const optional = <Schema extends TSchema>(schema: Schema) => Type.Optional(schema);

export const oneOf = <const Values extends readonly string[]>(values: Values) =>
  Type.Unsafe<Values[number]>({ type: "string", enum: [...values] });

export const nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);

export const hexId = Type.String({ pattern: "^[0-9a-f]{24}$" });

/** Names of workspaces, connections and processors; what each may hold is the registry's to say. */
export const name = Type.String({ minLength: 1, maxLength: 256 });

export const tier = oneOf(tierNames);

/** What is the user's own or the engine's, and of any form. */
export const anyDocument = Type.Unsafe<Readonly<Record<string, unknown>>>({ type: "object" });

export const textMap = Type.Unsafe<Readonly<Record<string, string>>>({
  type: "object",
  additionalProperties: { type: "string" },
});

export const links = Type.Array(closed({ href: Type.String(), rel: Type.String() }));

/** Fields that the service makes: taken in a request, and not looked at. */
export const readOnly = optional(Type.Unknown());

export const pageOf = (item: TSchema) =>
  closed({ links, results: Type.Array(item), totalCount: optional(Type.Integer({ minimum: 0 })) });

export const emptyReply = closed({});

export const autoscaling = closed({
  enabled: optional(Type.Boolean()),
  minTier: optional(tier),
  maxTier: optional(tier),
});
