import { Ajv } from "ajv";
import type { CodeOptions, ValidateFunction } from "ajv";
import { configSchema } from "./config-schema.ts";

/**
 * What checks the shape of a config file.
 *
 * The published build has this module's result in its place, as plain code: compiling the schema takes longer than all else that
 * a short command does (`scripts/build.ts`).
 */
export const validateConfig: ValidateFunction = createConfigAjv().compile(configSchema);

/** Without optimising code that runs once, and without checking the schema (a test does), ajv takes a third of the time. */
export function createConfigAjv(code: Pick<CodeOptions, "source" | "esm" | "optimize"> = {}): Ajv {
  const options = {
    allErrors: true,
    verbose: true,
    strict: false,
    meta: false,
    validateSchema: false,
    inlineRefs: false,
  };
  return new Ajv({ ...options, code: { optimize: false, ...code } });
}
