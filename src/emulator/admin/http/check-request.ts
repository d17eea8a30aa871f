import { Type } from "@sinclair/typebox";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import type { Operation } from "../operation.ts";
import { ApiError, type WrongField } from "./api-error.ts";

/** Checks what a request brings against the schemas of its operation. */
export interface RequestCheck {
  /** With defaults and of the right types. @throws ApiError 400 */
  query(given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
  /** @throws ApiError 400 */
  body(given: unknown): unknown;
}

/** Source: asp-control-plane section 1, "Common to every call". */
const common = { envelope: Type.Optional(Type.Boolean()), pretty: Type.Optional(Type.Boolean()) };
const paging = {
  itemsPerPage: Type.Integer({ minimum: 1, maximum: 500, default: 100 }),
  pageNum: Type.Integer({ minimum: 1, maximum: 1_000_000_000, default: 1 }),
  includeCount: Type.Boolean({ default: true }),
};

/**
 * Compiles the checks of operations when they are first asked for.
 *
 * @param isStrict false: fields of a body that no schema knows are left out instead of refused
 */
export function createRequestChecks(isStrict: boolean): (operation: Operation) => RequestCheck {
  const ajv = new Ajv({ allErrors: true, strict: false, removeAdditional: !isStrict });
  // A query has texts only.
  const queryAjv = new Ajv({ allErrors: true, strict: false, coerceTypes: true, useDefaults: true });
  const compiled = new Map<Operation, RequestCheck>();
  return (operation) => {
    const known = compiled.get(operation);
    if (known !== undefined) return known;
    const made = createCheck(operation, ajv, queryAjv);
    compiled.set(operation, made);
    return made;
  };
}

function createCheck(operation: Operation, ajv: Ajv, queryAjv: Ajv): RequestCheck {
  const query = { ...common, ...(operation.isPaged ? paging : {}), ...operation.query };
  const validateQuery = queryAjv.compile(Type.Object(query));
  const { body } = operation;
  const validateBody = body === undefined ? undefined : ajv.compile(body);
  return {
    query: (given) => {
      const copy = { ...given };
      demand(validateQuery, copy, "INVALID_QUERY_PARAMETER", "query parameter");
      return copy;
    },
    body: (given) => {
      if (validateBody === undefined || (given === undefined && operation.bodyMayLack)) return given;
      if (given === undefined) throw new ApiError(400, "MISSING_ATTRIBUTE", "The request needs a body.");
      demand(validateBody, given, "INVALID_ATTRIBUTE", "attribute");
      return given;
    },
  };
}

function demand(validate: ValidateFunction, value: unknown, code: string, word: string): void {
  if (validate(value)) return;
  const fields = toFields(validate.errors ?? []);
  const [{ field, description } = { field: "body", description: "it is wrong" }] = fields;
  throw new ApiError(400, code, `Invalid ${word} ${field} specified: ${description}.`, { parameters: [field], fields });
}

/** One for each field, the first that is said of it. */
function toFields(errors: readonly ErrorObject[]): readonly WrongField[] {
  const found = new Map<string, string>();
  for (const error of errors) {
    const { field, description } = toField(error);
    if (!found.has(field)) found.set(field, description);
  }
  return [...found].map(([field, description]) => ({ field, description }));
}

function toField({ instancePath, keyword, params, message = "it is wrong" }: ErrorObject): WrongField {
  const path = instancePath.slice(1).replaceAll("/", ".");
  const inside = (name: unknown): string => [path, String(name)].filter((part) => part !== "").join(".");
  switch (keyword) {
    case "additionalProperties":
      return { field: inside(params["additionalProperty"]), description: "no such field is known" };
    case "required":
      return { field: inside(params["missingProperty"]), description: "it is required" };
    case "enum":
      return {
        field: path || "body",
        description: `it must be one of ${(params["allowedValues"] as readonly unknown[]).join(", ")}`,
      };
    default:
      return { field: path || "body", description: message };
  }
}
