import { visitorKeys } from "oxc-parser";
import type { AwaitExpression, CallExpression, Node, ObjectExpression, Program } from "oxc-parser";
import type { Places } from "./places.ts";
import type { Insertion, SourceText } from "./source-text.ts";

/** Name of the function that tagged code calls; bound at the top of every bundled file. */
export const tagName = "__aspAt";

/** The same for what it awaits at its top. */
export const waitName = "__aspWait";

/**
 * What to insert into a module so that it reports where its values were written: `{…}` becomes `__aspAt(7,{…})`, and so does
 * a `define…` call; of an `await` at its top, what it awaits. Nothing is inserted that holds a line end.
 */
export function tagPlaces(program: Program, source: SourceText, places: Places): readonly Insertion[] {
  const insertions: Insertion[] = [];
  const wrap = (node: Node, described: ObjectExpression | undefined): void => {
    const id = places.add({ source, offset: node.start, ...describe(described) });
    insertions.push({ offset: node.start, text: `${tagName}(${id},` }, { offset: node.end, text: ")" });
  };
  const wrapWait = ({ start, argument }: AwaitExpression): void => {
    const id = places.waits.add(source, start);
    insertions.push({ offset: argument.start, text: `${waitName}(${id},` }, { offset: argument.end, text: ")" });
  };
  const visit = (node: Node, isAtTop: boolean): void => {
    if (node.type === "ObjectExpression") wrap(node, node);
    else if (isDefineCall(node)) wrap(node, firstLiteral(node));
    else if (isAtTop && node.type === "AwaitExpression") wrapWait(node);
    const isInside = isAtTop && !functions.has(node.type);
    for (const key of codeKeys(node.type)) {
      const child: unknown = node[key as keyof Node];
      if (Array.isArray(child)) {
        for (const item of child) if (isCode(item)) visit(item, isInside);
      } else if (isCode(child)) visit(child, isInside);
    }
  };
  visit(program, true);
  // Sorting is stable: of two that begin together the outer one stays first.
  return insertions.toSorted((a, b) => a.offset - b.offset);
}

const functions: ReadonlySet<string> = new Set([
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
]);

/** Keys of a node below which values can stand, worked out once for each type of node. */
const codeKeys: (type: string) => readonly string[] = (() => {
  const known = new Map<string, readonly string[]>();
  return (type) => {
    let keys = known.get(type);
    if (keys === undefined) {
      // The second argument of a dynamic import is syntax to the bundler, not a value.
      keys = type === "ImportExpression" ? ["source"] : (visitorKeys[type] ?? []).filter((key) => !typeKeys.test(key));
      known.set(type, keys);
    }
    return keys;
  };
})();

const typeKeys = /^(type[A-Z]\w*|returnType|superTypeArguments|implements)$/;

/** A node that can hold values: types are left out, but for the expressions that carry one. */
function isCode(value: unknown): value is Node {
  if (typeof value !== "object" || value === null || !("type" in value) || typeof value.type !== "string") return false;
  return !value.type.startsWith("TS") || typedExpressions.has(value.type);
}

const typedExpressions: ReadonlySet<string> = new Set([
  "TSAsExpression",
  "TSSatisfiesExpression",
  "TSNonNullExpression",
  "TSTypeAssertion",
  "TSInstantiationExpression",
  "TSExportAssignment",
]);

function isDefineCall(node: Node): node is CallExpression {
  return node.type === "CallExpression" && node.callee.type === "Identifier" && /^define[A-Z]/.test(node.callee.name);
}

function firstLiteral(call: CallExpression): ObjectExpression | undefined {
  let argument: Node | undefined = call.arguments[0];
  while (argument !== undefined && "expression" in argument && typeof argument.expression === "object") {
    argument = argument.expression;
  }
  return argument?.type === "ObjectExpression" ? argument : undefined;
}

function describe(literal: ObjectExpression | undefined) {
  const properties = literal?.properties ?? [];
  return {
    keyOffset: (key: string) => properties.find((property) => keyOf(property) === key)?.start,
    functions: properties.some(hasFunction)
      ? properties.filter(hasFunction).flatMap((property) => keyOf(property) ?? [])
      : none,
  };
}

const none: readonly string[] = [];

function hasFunction(property: ObjectExpression["properties"][number]): boolean {
  return property.type === "Property" && mayBeFunction.has(property.value.type);
}

/** The name of a key that is written out. */
function keyOf(property: ObjectExpression["properties"][number]): string | undefined {
  if (property.type !== "Property" || property.computed) return undefined;
  const { key } = property;
  return key.type === "Identifier" ? key.name : key.type === "Literal" ? String(key.value) : undefined;
}

const mayBeFunction: ReadonlySet<string> = new Set(["ArrowFunctionExpression", "FunctionExpression", "Identifier"]);
