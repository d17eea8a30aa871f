import type { TSchema } from "@sinclair/typebox";
import { Ajv, _ } from "ajv";
import type { CodeOptions, ValidateFunction } from "ajv";
import { acceptsKind } from "./kinds.ts";

/** Notes of our schemas that say something to other readers than ajv. */
const annotations = [
  "words",
  "context",
  "least",
  "most",
  "mostMs",
  "mostFields",
  "orZero",
  "types",
  "isParallelism",
  "isDate",
  "mistaken",
  "parts",
  "literal",
  "takes",
];

/**
 * Makes the validator of one of `checkedSchemas`.
 *
 * The published build has all of them in this module's place, as plain code, so that it need not load ajv (`scripts/build.ts`).
 */
export const compileSchema: (schema: TSchema) => ValidateFunction = (() => {
  let ajv: Ajv | undefined;
  return (schema) => (ajv ??= createStageAjv()).compile(schema);
})();

/** With `source`, its validators can be written as code, which expects {@link acceptsKind} by that name. */
export function createStageAjv(code: Pick<CodeOptions, "source" | "esm" | "optimize"> = {}): Ajv {
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    strict: true,
    validateSchema: false,
    addUsedSchema: false,
    code: { optimize: false, ...code },
  });
  for (const keyword of annotations) ajv.addKeyword(keyword);
  ajv.addKeyword({
    keyword: "asp",
    schemaType: "string",
    code(context) {
      const { gen, data, it } = context;
      const accepts = gen.scopeValue("func", { ref: acceptsKind, code: _`acceptsKind` });
      context.fail(_`!${accepts}(${data}, ${it.topSchemaRef}${it.schemaPath})`);
    },
  });
  return ajv;
}
