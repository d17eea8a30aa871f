/** Whose field a reference names: the event's (by the envelope's logical names) or the read model's. */
export type ReferenceRoot = "event" | "view";

/** `data.address.city` as the author wrote it: root `event`, path `["data", "address", "city"]`. */
export interface Reference {
  readonly root: ReferenceRoot;
  readonly path: readonly string[];
}

/**
 * An expression as a handler returned it, references still open.
 *
 * `variable` is a `$$name.path` text. The argument of an operator is a node too: a list, an object of named arguments, or one operand.
 */
export type Node =
  | { readonly kind: "constant"; readonly value: unknown }
  | { readonly kind: "reference"; readonly root: ReferenceRoot; readonly path: readonly string[] }
  | { readonly kind: "variable"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly Node[] }
  | { readonly kind: "object"; readonly fields: readonly (readonly [string, Node])[] }
  | { readonly kind: "operator"; readonly name: string; readonly argument: Node };

/** The nodes directly below one. */
export function children(node: Node): readonly Node[] {
  switch (node.kind) {
    case "list":
      return node.items;
    case "object":
      return node.fields.map(([, value]) => value);
    case "operator":
      return [node.argument];
    case "constant":
    case "reference":
    case "variable":
      return [];
  }
}

/** Every reference in an expression, in order of appearance. */
export function references(node: Node): readonly Reference[] {
  return node.kind === "reference" ? [node] : children(node).flatMap(references);
}

/** True where the value depends on the read model before the event. */
export function readsView(node: Node): boolean {
  return node.kind === "reference" ? node.root === "view" : children(node).some(readsView);
}

/** Operands of an operator: the items of a list, or the one operand. */
export function operands(argument: Node): readonly Node[] {
  return argument.kind === "list" ? argument.items : [argument];
}

/** A named argument, such as `input` of `$map`. */
export function namedArgument(argument: Node, name: string): Node | undefined {
  return argument.kind === "object" ? argument.fields.find(([key]) => key === name)?.[1] : undefined;
}
