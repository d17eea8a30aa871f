import type { Document } from "bson";
import { isPlainObject } from "../../expressions/is-plain-object.ts";

/** The part of an incoming document that tells which branches of a `whenMatched` pipeline it takes. */
export interface Discriminator {
  /** Path within the incoming document: `_asp.type`. */
  readonly path: readonly string[];
  /** How it is written in the pipeline: `$$new._asp.type`. */
  readonly reference: string;
}

/**
 * Finds the one path of `$$new` that the `$switch`es of the pipeline compare with texts.
 *
 * @returns `undefined` where there is none, or more than one.
 */
export function findDiscriminator(pipeline: readonly Document[]): Discriminator | undefined {
  const references = new Set<string>();
  visit(pipeline, (branches) => {
    for (const branch of branches) {
      const reference = comparison(branch["case"])?.reference;
      if (reference?.startsWith("$$new.") === true) references.add(reference);
    }
  });
  const [reference] = references;
  if (references.size !== 1 || reference === undefined) return undefined;
  return { reference, path: reference.slice("$$new.".length).split(".") };
}

/**
 * The pipeline as it is for incoming documents whose discriminator is one of `values`: each `$switch` keeps only the branches
 * that such documents take. An update carries its own pipeline, so a projection of many event types would otherwise send, and
 * the server parse, all its handlers with each event.
 */
export function specialize(
  pipeline: readonly Document[],
  by: Discriminator,
  values: ReadonlySet<string>,
): readonly Document[] {
  const rewrite = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(rewrite);
    if (!isPlainObject(node) || "$literal" in node) return node;
    const pruned = prune(node["$switch"], by, values);
    if (pruned !== undefined) return rewrite(pruned.expression);
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, rewriteUnlessSwitch(key, child)]));
  };
  /** The branches that stay are rewritten one by one, so that a kept `$switch` is not pruned for ever. */
  const rewriteUnlessSwitch = (key: string, child: unknown): unknown => {
    if (key !== "$switch" || !isPlainObject(child)) return rewrite(child);
    return Object.fromEntries(Object.entries(child).map(([name, part]) => [name, rewrite(part)]));
  };
  return rewrite(pipeline) as Document[];
}

/** What is left of a `$switch`, or `undefined` where it stays as it is. */
function prune(
  argument: unknown,
  by: Discriminator,
  values: ReadonlySet<string>,
): { readonly expression: unknown } | undefined {
  if (!isPlainObject(argument) || !Array.isArray(argument["branches"])) return undefined;
  const all = argument["branches"] as Document[];
  const left = new Set(values);
  const kept: Document[] = [];
  let isCovered = false;
  for (const branch of all) {
    const compared = comparison(branch["case"]);
    if (compared?.reference !== by.reference) {
      kept.push(branch);
      continue;
    }
    const taken = compared.values.filter((value) => left.delete(value));
    if (taken.length > 0) kept.push(branch);
    isCovered = left.size === 0;
    if (isCovered) break;
  }
  // Whatever has come past the branches before takes the last one, which so needs no test.
  const otherwise = isCovered ? kept.pop()?.["then"] : argument["default"];
  if (!isCovered && !("default" in argument)) return undefined;
  if (kept.length === 0) return { expression: otherwise };
  if (kept.length === all.length) return undefined;
  return { expression: { $switch: { branches: kept, default: otherwise } } };
}

/** `{$eq: ["$$new.x", "A"]}` or `{$in: ["$$new.x", ["A", "B"]]}`. */
function comparison(test: unknown): { readonly reference: string; readonly values: readonly string[] } | undefined {
  if (!isPlainObject(test)) return undefined;
  const operands: unknown = test["$eq"] ?? test["$in"];
  if (!Array.isArray(operands) || Object.keys(test).length !== 1) return undefined;
  const [reference, constant] = operands as readonly unknown[];
  const values = "$eq" in test ? [constant] : constant;
  if (typeof reference !== "string" || !Array.isArray(values)) return undefined;
  if (!values.every((item): item is string => typeof item === "string" && !item.startsWith("$"))) return undefined;
  return { reference, values };
}

function visit(node: unknown, onSwitch: (branches: readonly Document[]) => void): void {
  if (Array.isArray(node)) {
    for (const child of node) visit(child, onSwitch);
  } else if (isPlainObject(node) && !("$literal" in node)) {
    const argument = node["$switch"];
    if (isPlainObject(argument) && Array.isArray(argument["branches"])) onSwitch(argument["branches"] as Document[]);
    for (const child of Object.values(node)) visit(child, onSwitch);
  }
}
