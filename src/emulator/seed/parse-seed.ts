import { Ajv } from "ajv";
import { EJSON } from "bson";
import { parseShapedYaml } from "../../config/parse-shaped-yaml.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import type { Definition } from "../../stages/definition.ts";
import { plainNumbers } from "../workspace/plain-numbers.ts";
import { seedSchema, type Seed } from "./seed-schema.ts";

/** A seed file, YAML or JSON. `file` is what findings call it. */
export function parseSeed(text: string, file: string): { readonly seed?: Seed; readonly findings: readonly Finding[] } {
  const validate = new Ajv({ allErrors: true, verbose: true, strict: false }).compile(seedSchema);
  const { value, findings } = parseShapedYaml(text, file, validate);
  return { ...(value !== undefined && { seed: value as Seed }), findings };
}

type SeedProcessor = NonNullable<NonNullable<Seed["workspaces"]>[number]["processors"]>[number];

/** The definition of a processor in a seed. */
export function definitionOf({ name, pipeline, options }: SeedProcessor): Definition {
  const typed = EJSON.deserialize({ pipeline: [...pipeline], ...(options && { options }) }, { relaxed: false });
  return { name, ...(plainNumbers(typed) as Omit<Definition, "name">) };
}
