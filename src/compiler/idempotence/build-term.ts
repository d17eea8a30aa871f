import { maxSize, plainCall, same, textOf } from "./call-term.ts";
import { decideBySides } from "./compare-terms.ts";
import { simplifyCall } from "./simplify-call.ts";
import { literal, missing, readsOf, sizeOf, stored } from "./term.ts";
import type { FieldPath, Term } from "./term.ts";

/** `then` where the condition holds, else `otherwise`. */
export function choose(condition: Term, then: Term, otherwise: Term): Term {
  if (same(then, otherwise)) return then;
  const known = decideBySides(condition);
  if (known !== undefined) return known ? then : otherwise;
  if (condition.kind === "choice" && sizeOf([condition, then, otherwise]) < maxSize) {
    const { condition: outer, then: yes, otherwise: no } = condition;
    return choose(outer, choose(yes, then, otherwise), choose(no, then, otherwise));
  }
  const parts = [condition, then, otherwise];
  return {
    kind: "choice",
    condition,
    then,
    otherwise,
    text: textOf("?", parts),
    reads: readsOf(parts),
    size: sizeOf(parts),
  };
}

/** An operator over terms, as simple as we can make it. A choice among its operands becomes a choice between two calls. */
export function call(name: string, args: readonly Term[]): Term {
  const index = args.findIndex(({ kind }) => kind === "choice");
  const choice = args[index];
  if (choice?.kind === "choice" && countOutcomes(args) <= maxOutcomes) {
    const withBranch = (branch: Term): Term => call(name, args.with(index, branch));
    return choose(choice.condition, withBranch(choice.then), withBranch(choice.otherwise));
  }
  return simplifyCall(plainCall(name, args));
}

/** A call of more outcomes than this stays one call. */
const maxOutcomes = 64;

function countOutcomes(args: readonly Term[]): number {
  if (sizeOf(args) > maxSize) return Number.POSITIVE_INFINITY;
  return args.reduce((product, arg) => product * outcomesOf(arg), 1);
}

function outcomesOf(term: Term): number {
  return term.kind === "choice" ? outcomesOf(term.then) + outcomesOf(term.otherwise) : 1;
}

/** A field of a value. */
export function project(term: Term, path: FieldPath): Term {
  const [name, ...rest] = path;
  if (name === undefined) return term;
  switch (term.kind) {
    case "document":
      return term.read(path);
    case "stored":
      return stored([...term.path, ...path]);
    case "incoming":
      return { ...term, text: `${term.text}.${path.join(".")}` };
    case "choice":
      return choose(term.condition, project(term.then, path), project(term.otherwise, path));
    case "literal":
      return isRecord(term.value) && Object.hasOwn(term.value, name)
        ? project(literal(term.value[name]), rest)
        : missing;
    case "call":
      // What hides a field hides its parts, near enough for a mark that is compared.
      if (term.name === "present")
        return call(
          "present",
          term.args.map((arg) => project(arg, path)),
        );
      return plainCall(`path:${path.join(".")}`, [term]);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
