import { Long } from "bson";
import { isPlainName } from "../expressions/field-path.ts";
import { isPlainObject } from "../expressions/is-plain-object.ts";
import type { Node } from "../expressions/node.ts";
import { suggest } from "../diagnostics/suggest.ts";
import { toReference } from "./create-reference.ts";
import { describeValue } from "./describe-value.ts";
import { badFieldName } from "./findings/bad-field-name.ts";
import { mixedObject } from "./findings/mixed-object.ts";
import { notStorable } from "./findings/not-storable.ts";
import { rawFieldPath } from "./findings/raw-field-path.ts";
import { unknownEventPart } from "./findings/unknown-event-part.ts";
import { unsteadyOperator } from "./findings/unsteady-operator.ts";
import { wholeReference } from "./findings/whole-reference.ts";
import { parseVariable, variablesBoundBy } from "./parse-variable.ts";
import type { Reporter } from "./reporter.ts";

/** Where a value stands, for its findings. */
export interface ValueContext {
  readonly reporter: Reporter;
  /** "handler `ItemAdded`, field `total`". */
  readonly where: string;
  /** Objects around the value, the closest first. */
  readonly near: readonly unknown[];
  readonly variables: ReadonlySet<string>;
}

export const eventPartNames = ["id", "stream", "version", "type", "time", "data"] as const;

/** A value that a handler returned, as an expression; what cannot be one is reported and becomes a null. */
export function parseValue(value: unknown, context: ValueContext): Node {
  if (context.near.length > maxDepth) {
    return refuse(context, "nested more than 100 levels deep, or contains itself", "make it flatter");
  }
  const reference = toReference(value);
  if (reference !== undefined) return checkReference(reference, context);
  switch (typeof value) {
    case "string":
      if (value.startsWith("$$")) return parseVariable(value, context);
      if (value.startsWith("$"))
        context.reporter.report(rawFieldPath, { where: context.where, text: value }, context.near);
      return { kind: "constant", value };
    case "number":
      return Number.isNaN(value)
        ? refuse(context, "NaN", "use an MQL expression over references, such as `{ $add: [view.total, 1] }`")
        : { kind: "constant", value };
    case "bigint":
      return { kind: "constant", value: Long.fromBigInt(value) };
    case "boolean":
      return { kind: "constant", value };
    case "undefined":
      return refuse(context, "undefined", 'leave the field out, or use `"$$REMOVE"` to remove it');
    case "symbol":
    case "function":
      return refuse(context, describeValue(value), "return a value, a reference or an expression");
    case "object":
      return parseObject(value, context);
  }
}

const maxDepth = 100;

function parseObject(value: object | null, context: ValueContext): Node {
  if (value === null) return { kind: "constant", value };
  if (Array.isArray(value)) {
    const inside = { ...context, near: [value, ...context.near] };
    return { kind: "list", items: Array.from(value, (item: unknown) => parseValue(item, inside)) };
  }
  if (isPlainObject(value)) {
    return Object.keys(value).some((key) => key.startsWith("$"))
      ? parseOperator(value, context)
      : parseFields(value, context);
  }
  if (value instanceof Date && Number.isNaN(value.getTime())) {
    return refuse(context, "an invalid date", "give a date that exists");
  }
  const storable =
    "_bsontype" in value || value instanceof Date || value instanceof RegExp || value instanceof Uint8Array;
  return storable
    ? { kind: "constant", value }
    : refuse(context, describeValue(value), "use a plain object, an array or a BSON type");
}

function parseFields(value: Readonly<Record<string, unknown>>, context: ValueContext): Node {
  const inside = { ...context, near: [value, ...context.near] };
  const fields = Object.entries(value).map(([name, field]) => {
    if (!isPlainName(name)) {
      const why = name === "" ? "a field needs a name" : "an expression cannot build a field with a dot in its name";
      context.reporter.report(badFieldName, { where: context.where, name, why }, inside.near);
    }
    return [name, parseValue(field, inside)] as const;
  });
  return { kind: "object", fields };
}

function parseOperator(value: Readonly<Record<string, unknown>>, context: ValueContext): Node {
  const near = [value, ...context.near];
  const keys = Object.keys(value);
  const name = keys[0];
  if (name === undefined || keys.length > 1) {
    context.reporter.report(mixedObject, { where: context.where, keys }, near);
    return { kind: "constant", value: null };
  }
  const argument = value[name];
  if (name === "$literal") return { kind: "constant", value: argument };
  if (unsteady.has(name)) context.reporter.report(unsteadyOperator, { where: context.where, operator: name }, near);
  if (name === "$getField" && !(isPlainObject(argument) && "input" in argument)) {
    const text = typeof argument === "string" ? `$${argument}` : "$getField without `input`";
    context.reporter.report(rawFieldPath, { where: context.where, text }, near);
  }
  const bound = variablesBoundBy(name, argument, { ...context, near });
  return { kind: "operator", name, argument: parseArgument(name, argument, { ...context, near }, bound) };
}

/** Bound variables are known everywhere in the operator but in what they are bound to. */
function parseArgument(name: string, argument: unknown, context: ValueContext, bound: readonly string[]): Node {
  if (!isPlainObject(argument) || Object.keys(argument).some((key) => key.startsWith("$"))) {
    return parseValue(argument, context);
  }
  const near = [argument, ...context.near];
  const inside = { ...context, near, variables: new Set([...context.variables, ...bound]) };
  const outside = { ...context, near };
  const bindsIn = name === "$let" ? "vars" : bound.length > 0 ? "input" : undefined;
  const fields = Object.entries(argument).map(
    ([key, field]) => [key, parseValue(field, key === bindsIn || key === "initialValue" ? outside : inside)] as const,
  );
  return { kind: "object", fields };
}

/** Results that depend on the moment or the delivery, not on the event. */
const unsteady: ReadonlySet<string> = new Set(["$rand", "$meta", "$currentDate", "$createUUID", "$sampleRate"]);

function checkReference(
  { root, path }: { readonly root: "event" | "view"; readonly path: readonly string[] },
  context: ValueContext,
): Node {
  const [part] = path;
  if (part === undefined) context.reporter.report(wholeReference, { where: context.where, root }, context.near);
  else if (root === "event" && !(eventPartNames as readonly string[]).includes(part)) {
    const suggestion = suggest(part, eventPartNames);
    context.reporter.report(unknownEventPart, { where: context.where, part, suggestion }, context.near);
  }
  return { kind: "reference", root, path };
}

function refuse(context: ValueContext, got: string, help: string): Node {
  context.reporter.report(notStorable, { where: context.where, got, help }, context.near);
  return { kind: "constant", value: null };
}
