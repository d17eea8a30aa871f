import type { Kind } from "../expressions/operator-rules.ts";
import { operatorRules } from "../expressions/operator-rules.ts";
import { hasDollar, toFields } from "./expressions/walk.ts";
import { toNumber } from "./kinds.ts";

/** What certainly becomes of a field. */
export type Fate = "dropped" | "altered";

/** A top-level field, and what its value is. */
export interface Field {
  readonly name: string;
  readonly kind: Kind;
}

/**
 * What a stage does to a top-level field of every document; undefined where it leaves it, or may leave it, as it is.
 *
 * @param stage The stage's name.
 * @param args Its arguments, as a processor or a change stream has them.
 */
export function fieldFate(stage: string, args: unknown, field: Field): Fate | undefined {
  switch (stage) {
    case "$unset":
      return ofPaths((Array.isArray(args) ? args : [args]) as readonly unknown[], field);
    case "$project":
      return projected(toFields(args) ?? {}, field);
    case "$set":
    case "$addFields":
      return setTo(toFields(args) ?? {}, field);
    case "$replaceWith":
      return inRoot(args, field);
    case "$replaceRoot":
      return inRoot(toFields(args)?.["newRoot"], field);
    default:
      return undefined;
  }
}

function ofPaths(paths: readonly unknown[], { name }: Field): Fate | undefined {
  if (paths.includes(name)) return "dropped";
  return paths.some((path) => typeof path === "string" && path.startsWith(`${name}.`)) ? "altered" : undefined;
}

type Fields = Readonly<Record<string, unknown>>;

function projected(projection: Fields, field: Field): Fate | undefined {
  const { name } = field;
  if (Object.hasOwn(projection, name)) {
    const own = projection[name];
    if (isOut(own)) return toFields(own) === undefined ? "dropped" : "altered";
    return own === true || toNumber(own) !== undefined ? undefined : valueFate(own, field);
  }
  const paths = Object.keys(projection);
  const below = paths.filter((path) => path.startsWith(`${name}.`));
  if (below.length > 0) return below.some((path) => isOut(projection[path])) ? "altered" : undefined;
  const keepsOthers = paths.every((path) => isOut(projection[path]));
  return keepsOthers || name === "_id" ? undefined : "dropped";
}

/** True for what excludes: 0, false, and a document of nothing else. */
function isOut(value: unknown): boolean {
  const fields = toFields(value);
  if (fields === undefined) return value === false || toNumber(value) === 0;
  const names = Object.keys(fields);
  return names.length > 0 && names.every((name) => !hasDollar(name) && isOut(fields[name]));
}

function setTo(fields: Fields, field: Field): Fate | undefined {
  if (Object.hasOwn(fields, field.name)) return valueFate(fields[field.name], field);
  return Object.keys(fields).some((path) => path.startsWith(`${field.name}.`)) ? "altered" : undefined;
}

function inRoot(root: unknown, field: Field): Fate | undefined {
  if (typeof root === "string") return root === "$$ROOT" || root === "$$CURRENT" ? undefined : "dropped";
  const fields = toFields(root);
  if (fields === undefined) return undefined;
  const [operator] = Object.keys(fields).filter(hasDollar);
  if (operator === undefined)
    return Object.hasOwn(fields, field.name) ? valueFate(fields[field.name], field) : "dropped";
  if (operator !== "$mergeObjects") return undefined;
  const operands = fields[operator];
  const fates = ((Array.isArray(operands) ? operands : [operands]) as readonly unknown[]).map((operand) =>
    inRoot(operand, field),
  );
  return fates.every((fate) => fate === "dropped") ? "dropped" : undefined;
}

/** What a field is that is set to an expression over the same document. */
function valueFate(value: unknown, { name, kind }: Field): Fate | undefined {
  if (value === "$$REMOVE") return "dropped";
  if (value === `$${name}` || value === `$$ROOT.${name}` || value === `$$CURRENT.${name}`) return undefined;
  const fields = toFields(value);
  if (fields === undefined) return "altered";
  const [operator] = Object.keys(fields);
  if (operator === "$literal" || operator === "$const") return "altered";
  const gives = operator === undefined ? undefined : operatorRules.get(operator)?.gives;
  return gives === undefined || gives.includes(kind) || gives.includes("unknown") ? undefined : "altered";
}
