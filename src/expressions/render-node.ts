import { isPlainName } from "./field-path.ts";
import { isPlainObject } from "./is-plain-object.ts";
import type { Node } from "./node.ts";

/** What references become: each root's path as an expression. */
export interface Roots {
  readonly event: (path: readonly string[]) => unknown;
  readonly view: (path: readonly string[]) => unknown;
}

/** An expression as MQL. */
export function renderNode(node: Node, roots: Roots): unknown {
  switch (node.kind) {
    case "constant":
      return renderConstant(node.value);
    case "reference":
      return roots[node.root](node.path);
    case "variable":
      return node.text;
    case "list":
      return node.items.map((item) => renderNode(item, roots));
    case "object":
      return Object.fromEntries(node.fields.map(([name, value]) => [name, renderNode(value, roots)]));
    case "operator":
      return { [node.name]: renderNode(node.argument, roots) };
  }
}

/** A constant as an expression: as it is, or in `$literal` where the server would read something else into it. */
export function renderConstant(value: unknown): unknown {
  return isInert(value) ? value : { $literal: value };
}

function isInert(value: unknown): boolean {
  if (typeof value === "string") return !value.startsWith("$");
  if (Array.isArray(value)) return value.every(isInert);
  if (!isPlainObject(value)) return true;
  return Object.entries(value).every(([name, field]) => isPlainName(name) && isInert(field));
}
