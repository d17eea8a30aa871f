/**
 * A path below `base` (`"$"`, `"$view"`, `"$$new._asp"`) as an expression.
 *
 * Names that a field path cannot spell (with a dot, a leading dollar, empty) go through `$getField`.
 */
export function fieldPath(base: string, path: readonly string[]): unknown {
  const plain = path.findIndex((name) => !isPlainName(name));
  const head = plain === -1 ? path : path.slice(0, plain);
  let expression: unknown = joinPath(base, head);
  for (const name of path.slice(head.length)) {
    expression = { $getField: { field: { $literal: name }, input: expression } };
  }
  return expression;
}

/** True for a name that can stand in a field path. */
export function isPlainName(name: string): boolean {
  return name !== "" && !name.startsWith("$") && !name.includes(".") && !name.includes("\0");
}

function joinPath(base: string, path: readonly string[]): string {
  if (path.length === 0) return base === "$" ? "$$ROOT" : base;
  return base === "$" ? `$${path.join(".")}` : `${base}.${path.join(".")}`;
}
