/** What the value of a keyword of `$jsonSchema` must be; `typeNames` and `bsonTypeNames` are one name or several. */
export type SchemaValue =
  | "schema"
  | "schemas"
  | "schemaOrBoolean"
  | "schemaOrSchemas"
  | "schemasByName"
  | "schemasByPattern"
  | "dependencies"
  | "typeNames"
  | "bsonTypeNames"
  | "names"
  | "values"
  | "text"
  | "number"
  | "positive"
  | "whole"
  | "boolean"
  | "any";

/**
 * Every keyword that the server's `$jsonSchema` knows, which is draft 4 with `bsonType` and without some. Source: "$jsonSchema" in the server's
 * manual; each is compared with what a mongod 6.0.5 takes.
 */
export const schemaKeywords: ReadonlyMap<string, SchemaValue> = new Map<string, SchemaValue>([
  ["bsonType", "bsonTypeNames"],
  ["type", "typeNames"],
  ["required", "names"],
  ["properties", "schemasByName"],
  ["patternProperties", "schemasByPattern"],
  ["additionalProperties", "schemaOrBoolean"],
  ["dependencies", "dependencies"],
  ["minProperties", "whole"],
  ["maxProperties", "whole"],
  ["items", "schemaOrSchemas"],
  ["additionalItems", "schemaOrBoolean"],
  ["minItems", "whole"],
  ["maxItems", "whole"],
  ["uniqueItems", "boolean"],
  ["enum", "values"],
  ["minimum", "number"],
  ["maximum", "number"],
  ["exclusiveMinimum", "boolean"],
  ["exclusiveMaximum", "boolean"],
  ["multipleOf", "positive"],
  ["minLength", "whole"],
  ["maxLength", "whole"],
  ["pattern", "text"],
  ["allOf", "schemas"],
  ["anyOf", "schemas"],
  ["oneOf", "schemas"],
  ["not", "schema"],
  ["title", "text"],
  ["description", "text"],
  ["encrypt", "any"],
  ["encryptMetadata", "any"],
]);

/** Keywords of JSON Schema that the server has not, to what is written instead; undefined where there is nothing. */
export const keywordsElsewhere: ReadonlyMap<string, string | undefined> = new Map([
  ["const", "write `enum` with the one value"],
  ["$comment", "write `description`"],
  ["examples", "write them into `description`"],
  ["default", "remove it: a validator adds nothing"],
  ["$schema", "remove it"],
  ["$id", "remove it"],
  ["id", "remove it"],
  ["$ref", "write the schema where it is used"],
  ["definitions", "write each schema where it is used"],
  ["$defs", "write each schema where it is used"],
  ["format", "write `pattern`, or a `bsonType`"],
  ["if", "write `anyOf` with the condition and its negation"],
  ["then", "write `anyOf` with the condition and its negation"],
  ["else", "write `anyOf` with the condition and its negation"],
  ["prefixItems", "write `items` with an array"],
  ["dependentRequired", "write `dependencies`"],
  ["dependentSchemas", "write `dependencies`"],
  ["contains", undefined],
  ["propertyNames", "write `patternProperties` with `additionalProperties: false`"],
  ["unevaluatedProperties", "write `additionalProperties`"],
]);
