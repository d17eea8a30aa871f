import { jsonTypes, queryTypes } from "../../expressions/bson-types.ts";
import { keywordsElsewhere, schemaKeywords } from "../../expressions/json-schema-keywords.ts";
import type { SchemaValue } from "../../expressions/json-schema-keywords.ts";
import { patternFault } from "../../expressions/pattern-fault.ts";
import { describeValue } from "../describe-value.ts";
import { toNumber } from "../kinds.ts";
import { badPattern } from "../rules/bad-pattern.ts";
import { unknownSchemaKeyword } from "../rules/unknown-schema-keyword.ts";
import { wrongArgument } from "../rules/wrong-argument.ts";
import { checkTypeName } from "./check-type-name.ts";
import { report, step, toFields } from "./walk.ts";
import type { Walk } from "./walk.ts";

/** Checks a schema of `$jsonSchema`, and those inside it: keywords and what they take. The walk is at the schema. */
export function checkJsonSchema(walk: Walk, schema: unknown): void {
  const fields = toFields(schema);
  if (fields === undefined) {
    report(walk, wrongArgument, {
      what: "a schema of `$jsonSchema`",
      expected: "a document",
      found: describeValue(schema),
    });
    return;
  }
  for (const keyword in fields) {
    const value = schemaKeywords.get(keyword);
    step(walk, keyword, fields[keyword], (below) => {
      if (value !== undefined) checks[value](walk, below, keyword);
      else
        report(walk, unknownSchemaKeyword, {
          ...{ keyword, elsewhere: keywordsElsewhere.has(keyword), instead: keywordsElsewhere.get(keyword) },
          known: [...schemaKeywords.keys()],
        });
    });
  }
  for (const [flag, bound] of bounds) {
    if (!Object.hasOwn(fields, flag) || Object.hasOwn(fields, bound) || typeof fields[flag] !== "boolean") continue;
    step(walk, flag, fields[flag], () =>
      report(walk, wrongArgument, {
        what: `\`${flag}\` of \`$jsonSchema\``,
        expected: `beside \`${bound}\``,
        found: "alone",
      }),
    );
  }
}

/** In draft 4 these are flags, which say how a bound is meant. */
const bounds = [
  ["exclusiveMinimum", "minimum"],
  ["exclusiveMaximum", "maximum"],
] as const;

type Check = (walk: Walk, value: unknown, keyword: string) => void;

function mustBe(expected: string, accepts: (value: unknown) => boolean): Check {
  return (walk, value, keyword) => {
    if (!accepts(value)) reportWrong(walk, keyword, expected, value);
  };
}

function reportWrong(walk: Walk, keyword: string, expected: string, value: unknown): void {
  report(walk, wrongArgument, { what: `\`${keyword}\` of \`$jsonSchema\``, expected, found: describeValue(value) });
}

/** A document of names to what `each` checks. */
function byName(each: Check, checkName?: (walk: Walk, name: string) => void): Check {
  return (walk, value, keyword) => {
    const fields = toFields(value);
    if (fields === undefined) reportWrong(walk, keyword, "a document of schemas", value);
    for (const name in fields) {
      step(walk, name, fields[name], (below) => {
        checkName?.(walk, name);
        each(walk, below, keyword);
      });
    }
  };
}

function schemas(least: number): Check {
  return (walk, value, keyword) => {
    if (!Array.isArray(value) || value.length < least) {
      reportWrong(walk, keyword, "an array of schemas", value);
      return;
    }
    for (const [index, schema] of value.entries()) step(walk, index, schema, (below) => checkJsonSchema(walk, below));
  };
}

const allSchemas = schemas(1);
const allOrNoSchemas = schemas(0);

const isDistinct = (list: readonly unknown[]): boolean => new Set(list).size === list.length;
const names = mustBe(
  "an array of names, each once",
  (value) =>
    Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === "string") && isDistinct(value),
);

function typeNames(known: readonly string[]): Check {
  return (walk, value, keyword) => {
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (list.length === 0 || !isDistinct(list) || list.some((name) => typeof name !== "string")) {
      reportWrong(walk, keyword, "the name of a type, or an array of different names", value);
      return;
    }
    for (const [index, name] of list.entries()) {
      const check = (): void => checkTypeName(walk, `\`${keyword}\` of \`$jsonSchema\``, String(name), known);
      if (Array.isArray(value)) step(walk, index, name, check);
      else check();
    }
  };
}

const checks: Readonly<Record<SchemaValue, Check>> = {
  any: () => undefined,
  schema: checkJsonSchema,
  schemas: allSchemas,
  schemaOrBoolean: (walk, value, keyword) => {
    if (toFields(value) !== undefined) checkJsonSchema(walk, value);
    else if (typeof value !== "boolean") reportWrong(walk, keyword, "true, false or a schema", value);
  },
  schemaOrSchemas: (walk, value, keyword) => {
    if (toFields(value) !== undefined) checkJsonSchema(walk, value);
    else allOrNoSchemas(walk, value, keyword);
  },
  schemasByName: byName(checkJsonSchema),
  schemasByPattern: byName(checkJsonSchema, (walk, pattern) => {
    const fault = patternFault(pattern);
    if (fault !== undefined) report(walk, badPattern, { pattern, fault });
  }),
  dependencies: byName((walk, value, keyword) => {
    if (toFields(value) !== undefined) checkJsonSchema(walk, value);
    else names(walk, value, keyword);
  }),
  typeNames: typeNames(jsonTypes),
  bsonTypeNames: typeNames(queryTypes),
  names,
  values: mustBe(
    "an array of values, each once",
    (value) => Array.isArray(value) && value.length > 0 && isDistinct(value),
  ),
  text: mustBe("a text", (value) => typeof value === "string"),
  number: mustBe("a number", (value) => toNumber(value) !== undefined),
  positive: mustBe("a number above 0", (value) => (toNumber(value) ?? 0) > 0),
  whole: mustBe(
    "a whole number, 0 or more",
    (value) => Number.isInteger(toNumber(value)) && (toNumber(value) ?? -1) >= 0,
  ),
  boolean: mustBe("true or false", (value) => typeof value === "boolean"),
};
