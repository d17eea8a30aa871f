import type { NamedArguments, OperatorArguments } from "../../expressions/operator-arguments.ts";
import { suggest } from "../../diagnostics/suggest.ts";
import { describeValue } from "../describe-value.ts";
import { missingArgument } from "../rules/missing-argument.ts";
import { unknownArgument } from "../rules/unknown-argument.ts";
import { wrongArgument } from "../rules/wrong-argument.ts";
import { wrongArgumentCount } from "../rules/wrong-argument-count.ts";
import { hasDollar, report, toFields } from "./walk.ts";
import type { Walk } from "./walk.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Checks how an operator is called; the walk is at its argument.
 *
 * @returns The arguments by name, or undefined where they are operands.
 */
export function checkArguments(
  walk: Walk,
  operator: string,
  argument: unknown,
  rule: OperatorArguments,
): Fields | undefined {
  const fields = toFields(argument);
  if (rule.empty === true) {
    if (!isEmpty(fields) && !(rule.counts !== undefined && Array.isArray(argument) && argument.length === 0)) {
      report(walk, wrongArgument, {
        what: `\`${operator}\``,
        expected: "an empty document",
        found: describeValue(argument),
      });
    }
    return undefined;
  }
  if (rule.named !== undefined && fields !== undefined && isNamed(fields, rule)) {
    checkNamed(walk, operator, fields, rule.named);
    return fields;
  }
  if (rule.counts === undefined) {
    // `$getField` alone takes the name of a field in place of its arguments.
    if (operator === "$getField" && !Array.isArray(argument)) return undefined;
    const expected = `a document with ${listOf(rule.named?.required ?? [])}`;
    report(walk, wrongArgument, { what: `\`${operator}\``, expected, found: describeValue(argument) });
    return undefined;
  }
  const [least, most] = rule.counts;
  const count = Array.isArray(argument) ? argument.length : 1;
  if (count < least || count > most) report(walk, wrongArgumentCount, { operator, least, most, count });
  return undefined;
}

/** Finds names that an operator does not take, and those that it needs and has not. */
export function checkNamed(
  walk: Walk,
  operator: string,
  fields: Fields,
  { required, optional, open }: NamedArguments,
): void {
  let strangers: string[] | undefined;
  for (const name in fields) {
    if (open === true || required.includes(name) || optional.includes(name)) continue;
    (strangers ??= []).push(name);
  }
  for (const name of strangers ?? []) {
    const known = [...required, ...optional].filter((each) => !Object.hasOwn(fields, each));
    report(walk, unknownArgument, { operator, name, known });
  }
  for (const name of required) {
    if (Object.hasOwn(fields, name)) continue;
    // A misspelt name is one mistake, and the finding about it already says the right one.
    const misspelt = strangers?.some((stranger) => suggest(stranger, [...required, ...optional]) === name) ?? false;
    if (!misspelt) report(walk, missingArgument, { operator, name });
  }
}

function isNamed(fields: Fields, rule: OperatorArguments): boolean {
  if (rule.alwaysNamed === true) return true;
  // An operator that takes nothing but names has them unless one name stands for all, as in `{ $getField: { $literal: … } }`.
  for (const key in fields) return !hasDollar(key);
  return true;
}

function isEmpty(fields: Fields | undefined): boolean {
  if (fields === undefined) return false;
  for (const _ in fields) return false;
  return true;
}

function listOf(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
