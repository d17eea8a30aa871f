import { readFileSync } from "node:fs";
import { Ajv } from "ajv";

/** What a published schema says against a value as `--json` prints it; null where it says nothing. */
export function schemaErrors(name: string, value: unknown): unknown {
  const ajv = new Ajv({ strict: false });
  const schema: unknown = JSON.parse(readFileSync(new URL(`../../schema/${name}`, import.meta.url), "utf8"));
  ajv.validate(schema as object, JSON.parse(JSON.stringify(value)));
  return ajv.errors ?? null;
}
