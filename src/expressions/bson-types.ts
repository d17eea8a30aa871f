/** The names of BSON's types, as `$type`, `$convert` and `$jsonSchema` take them, to their numbers. Source: "BSON Types" in the server's manual. */
export const bsonTypes: ReadonlyMap<string, number> = new Map([
  ["double", 1],
  ["string", 2],
  ["object", 3],
  ["array", 4],
  ["binData", 5],
  ["undefined", 6],
  ["objectId", 7],
  ["bool", 8],
  ["date", 9],
  ["null", 10],
  ["regex", 11],
  ["dbPointer", 12],
  ["javascript", 13],
  ["symbol", 14],
  ["javascriptWithScope", 15],
  ["int", 16],
  ["timestamp", 17],
  ["long", 18],
  ["decimal", 19],
  ["minKey", -1],
  ["maxKey", 127],
]);

/** Their numbers. */
export const bsonTypeNumbers: ReadonlySet<number> = new Set(bsonTypes.values());

/** What `$type` and `bsonType` take: `number` stands for the four types of numbers. */
export const queryTypes: readonly string[] = [...bsonTypes.keys(), "number"];

/** What `type` of `$jsonSchema` takes. */
export const jsonTypes: readonly string[] = ["object", "array", "number", "boolean", "string", "null"];

/** What other languages call a type, to the server's name of it. */
const others: ReadonlyMap<string, string> = new Map([
  ["boolean", "bool"],
  ["integer", "int"],
  ["int32", "int"],
  ["int64", "long"],
  ["float", "double"],
  ["datetime", "date"],
  ["text", "string"],
  ["str", "string"],
  ["binary", "binData"],
  ["decimal128", "decimal"],
]);

/** The name that is meant by a name in other letters, or of another language. */
export function typeMeant(name: string, names: readonly string[]): string | undefined {
  const lower = name.toLowerCase();
  const meant = names.find((each) => each.toLowerCase() === lower) ?? others.get(lower);
  return meant !== undefined && names.includes(meant) ? meant : undefined;
}
