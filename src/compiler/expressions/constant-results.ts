import { child } from "../cursor.ts";
import type { Cursor } from "../cursor.ts";
import { hasDollar, toFields } from "./walk.ts";

/** The variables of one `$let`, and those around it, which are what its own see. */
interface Scope {
  readonly vars: Cursor;
  readonly outer: Scope | undefined;
}

/**
 * The constants that an expression can give as its result, each where it is written: those in branches of `$cond`, `$switch` and `$ifNull`,
 * behind `$let` and its variables, and in `$literal`. Arrays and documents without an operator count, whatever is in them.
 *
 * What an operator computes is unknown and left out, and so is a null that `$ifNull` replaces.
 */
export function constantResults(from: Cursor): readonly Cursor[] {
  const results: Cursor[] = [];
  // A variable can be named in both branches of each variable after it; it gives the same constants each time.
  const followed = new Map<Scope, Set<string>>();
  const follow = (name: string, from: Scope | undefined): void => {
    let scope = from;
    while (scope !== undefined && child(scope.vars, name).value === undefined) scope = scope.outer;
    if (scope === undefined) return;
    const names = followed.get(scope) ?? new Set();
    if (names.has(name)) return;
    followed.set(scope, names.add(name));
    visit(child(scope.vars, name), scope.outer);
  };
  const visit = (cursor: Cursor, scope: Scope | undefined): void => {
    const { value } = cursor;
    if (typeof value === "string" && hasDollar(value)) {
      if (value.startsWith("$$")) follow(value.slice(2), scope);
      return;
    }
    const [operator] = Object.keys(toFields(value) ?? {});
    if (operator === undefined || !hasDollar(operator)) {
      if (value !== undefined) results.push(cursor);
      return;
    }
    const argument = child(cursor, operator);
    if (operator === "$literal" || operator === "$const") results.push(argument);
    else if (operator === "$let") visit(child(argument, "in"), { vars: child(argument, "vars"), outer: scope });
    else if (operator === "$ifNull") visitIfNull(argument, scope);
    else for (const branch of branchesOf(operator, argument)) visit(branch, scope);
  };
  const visitIfNull = (operands: Cursor, scope: Scope | undefined): void => {
    const list = elementsOf(operands);
    for (const [index, operand] of list.entries()) {
      const before = results.length;
      visit(operand, scope);
      if (index === list.length - 1) continue;
      const found = results.splice(before);
      results.push(...found.filter(({ value }) => value !== null));
    }
  };
  visit(from, undefined);
  return results;
}

function branchesOf(operator: string, argument: Cursor): readonly Cursor[] {
  if (operator === "$cond") {
    return Array.isArray(argument.value)
      ? elementsOf(argument).slice(1)
      : [child(argument, "then"), child(argument, "else")];
  }
  if (operator !== "$switch") return [];
  const branches = elementsOf(child(argument, "branches"));
  return [...branches.map((branch) => child(branch, "then")), child(argument, "default")];
}

function elementsOf(list: Cursor): readonly Cursor[] {
  return Array.isArray(list.value) ? list.value.map((_, index) => child(list, index)) : [];
}
