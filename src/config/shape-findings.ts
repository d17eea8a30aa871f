import type { ErrorObject } from "ajv";
import { defineFinding } from "../diagnostics/define-finding.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import { pathText } from "./config.ts";
import type { ConfigPath, PlaceOf } from "./config.ts";

/** Documented in docs/errors/ASP4002.md. */
export const unknownKey = defineFinding<{ key: string; parent: ConfigPath; known: readonly string[] }>("ASP4002", {
  severity: "error",
  message: ({ key, parent }) => `unknown key \`${key}\`${parent.length === 0 ? "" : ` in \`${pathText(parent)}\``}`,
  notes: ({ known }) => (known.length === 0 ? [] : [`known keys: ${known.join(", ")}`]),
  help: ({ key, known }) => didYouMean(key, known) ?? "remove it",
});

/** Documented in docs/errors/ASP4003.md. */
export const wrongValue = defineFinding<{ path: ConfigPath; wanted: string; found: string; help?: string | undefined }>(
  "ASP4003",
  {
    severity: "error",
    message: ({ path, wanted, found }) =>
      `${path.length === 0 ? "the file" : `\`${pathText(path)}\``} must be ${wanted}, found ${found}`,
    help: ({ help }) => help,
  },
);

/** Documented in docs/errors/ASP4004.md. */
export const missingKey = defineFinding<{ key: string; parent: ConfigPath }>("ASP4004", {
  severity: "error",
  message: ({ key, parent }) => `\`${key}\` is missing${parent.length === 0 ? "" : ` in \`${pathText(parent)}\``}`,
  help: ({ key }) => `add \`${key}\``,
});

/** What ajv found, as findings at their places. An error of ajv's own wording never leaves this function. */
export function shapeFindings(errors: readonly ErrorObject[], placeOf: PlaceOf): readonly Finding[] {
  const enums = new Set(errors.filter(({ keyword }) => keyword === "enum").map(({ instancePath }) => instancePath));
  return errors.flatMap((error) => {
    // What is allowed says more than the type that it has.
    if (error.keyword === "type" && enums.has(error.instancePath)) return [];
    const path = toPath(error.instancePath);
    if (error.keyword === "additionalProperties") {
      const key = String(error.params.additionalProperty);
      const at = { place: placeOf([...path, key], "key"), length: key.length };
      return [unknownKey(known(at), { key, parent: path, known: Object.keys(error.parentSchema?.properties ?? {}) })];
    }
    if (error.keyword === "required") {
      return [
        missingKey(known({ place: placeOf(path, "key") }), { key: String(error.params.missingProperty), parent: path }),
      ];
    }
    // `if` only says that the `then` beside it failed, which has its own error.
    if (error.keyword === "if") return [];
    const allowed: readonly unknown[] = error.keyword === "enum" ? error.params.allowedValues : [];
    const help = typeof error.data === "string" ? didYouMean(error.data, allowed.filter(isText)) : undefined;
    return [
      wrongValue(known({ place: placeOf(path), ...lengthOf(error.data) }), {
        path,
        wanted: wanted(error),
        found: found(error.data, path),
        help,
      }),
    ];
  });
}

function known<At extends { place: unknown }>({ place, ...rest }: At) {
  return place === undefined ? rest : { ...rest, place };
}

function lengthOf(value: unknown): { readonly length?: number } {
  return typeof value === "string" && /^[\w.-]+$/.test(value) ? { length: value.length } : {};
}

function toPath(pointer: string): readonly string[] {
  const parts = pointer.split("/").slice(1);
  return parts.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function wanted({ keyword, params }: ErrorObject): string {
  switch (keyword) {
    case "type":
      return [params.type]
        .flat()
        .map(String)
        .flatMap((type) => type.split(","))
        .map(typeName)
        .join(" or ");
    case "enum":
      return `one of ${(params.allowedValues as readonly unknown[]).map(String).join(", ")}`;
    case "minLength":
      return "a text that is not empty";
    case "minItems":
      return "a list that is not empty";
    case "minProperties":
      return "a mapping that is not empty";
    case "maxItems":
      return `a list of at most ${params.limit}`;
    case "minimum":
      return `a number of at least ${params.limit}`;
    default:
      return "something else";
  }
}

function typeName(type: string): string {
  return typeNames[type] ?? type;
}

const typeNames: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
};

/** What stands there; a text only where it cannot be a secret. */
function found(value: unknown, path: ConfigPath): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  if (typeof value === "string") {
    if (value === "") return "an empty text";
    const isSafe =
      /^[\w .-]{1,40}$/.test(value) &&
      /^(type|target|tier|provider|protocol|mechanism|granularity|severity|ASP\d+)$/.test(String(path.at(-1)));
    return isSafe || path.includes("key") ? `\`${value}\`` : "a text";
  }
  if (typeof value === "boolean") return `\`${value}\``;
  return "a number";
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
