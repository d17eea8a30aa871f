import { operands, readsView } from "./node.ts";
import type { Node } from "./node.ts";

/** How a field is set: a second time with the same event gives the same field, or may not. */
export type Repetition = "constant" | "extreme" | "union" | "unsafe";

/**
 * Tells whether setting `path` to an expression twice, or again after later events of the same kind, can change the outcome.
 *
 * What the event alone decides is a constant; `$max` and `$min` of the field itself and the event stay where they are, and so does
 * `$setUnion`. Everything else that reads the read model counts as unsafe.
 */
export function repetitionOf(node: Node, path: readonly string[]): Repetition {
  if (!readsView(node)) return "constant";
  if (node.kind !== "operator") return "unsafe";
  const own = operands(node.argument).every((operand) => !readsView(operand) || isField(operand, path));
  if (!own) return "unsafe";
  if (node.name === "$max" || node.name === "$min") return "extreme";
  return node.name === "$setUnion" ? "union" : "unsafe";
}

function isField(node: Node, path: readonly string[]): boolean {
  return node.kind === "reference" && node.root === "view" && node.path.join("\0") === path.join("\0");
}
