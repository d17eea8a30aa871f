import { field, hasDollar, toFields } from "./walk.ts";

/** Why an expression is a text whatever the document: it is one itself, or its operator gives nothing else. */
export type CertainText =
  | { readonly kind: "constant"; readonly text: string }
  | { readonly kind: "computed"; readonly operator: string };

/** Operators that give a text, or null where there is nothing to make one of. */
export const textOperators: ReadonlySet<string> = new Set([
  ...["$toString", "$dateToString", "$concat", "$toLower", "$toUpper", "$type"],
  ...["$substr", "$substrBytes", "$substrCP", "$trim", "$ltrim", "$rtrim", "$replaceOne", "$replaceAll"],
]);

/** Says why an expression is never anything but a text or null; undefined where it may be. */
export function certainText(expression: unknown): CertainText | undefined {
  if (typeof expression === "string") {
    return hasDollar(expression) ? undefined : { kind: "constant", text: expression };
  }
  const fields = toFields(expression) ?? {};
  const [operator, ...others] = Object.keys(fields);
  if (operator === undefined || others.length > 0) return undefined;
  const argument = fields[operator];
  if (operator === "$literal" || operator === "$const") {
    return typeof argument === "string" ? { kind: "constant", text: argument } : undefined;
  }
  return givesText(operator, argument) ? { kind: "computed", operator } : undefined;
}

/** True for a text that begins as a date of ISO 8601 does: what JSON has instead of a date. */
export function looksLikeDate(value: unknown): value is string {
  // Most texts are told apart by one character.
  return (
    typeof value === "string" && value.charCodeAt(4) === 45 && /^\d{4}-\d{2}-\d{2}(?:$|[T ]\d{2}:\d{2})/.test(value)
  );
}

function givesText(operator: string, argument: unknown): boolean {
  const named = toFields(argument) ?? {};
  switch (operator) {
    case "$dateToString":
      return isTextOrNothing(field(named, "onNull"));
    case "$convert": {
      const to = field(named, "to");
      return to === "string" && ["onError", "onNull"].every((each) => isTextOrNothing(field(named, each)));
    }
    case "$cond": {
      const branches = Array.isArray(argument) ? argument.slice(1) : [field(named, "then"), field(named, "else")];
      return branches.length === 2 && branches.every(isText);
    }
    case "$ifNull":
      return Array.isArray(argument) && argument.every(isText);
    default:
      return textOperators.has(operator);
  }
}

const isText = (expression: unknown): boolean => certainText(expression) !== undefined;
const isTextOrNothing = (expression: unknown): boolean =>
  expression === undefined || expression === null || isText(expression);
