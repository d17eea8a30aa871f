import { plainCall, same } from "./call-term.ts";
import { decideBySides, isThere } from "./compare-terms.ts";
import { incoming, literal, missing } from "./term.ts";
import type { CallTerm, FieldPath, Term } from "./term.ts";

/**
 * Writes a call more simply where that keeps its value. These are the laws by which a second application is found to be the same as
 * the first: `max(max(x, c), c)` is `max(x, c)`, and a union with what is in it already is no other set.
 */
export function simplifyCall(term: CallTerm): Term {
  const rule = laws.get(term.name);
  return rule === undefined ? term : rule(term);
}

type Law = (term: CallTerm) => Term;

/** `op(op(a, b), b)` → `op(a, b)`: operands of the same operator are taken up, and each stands once. */
const collapse =
  (isStrict: boolean): Law =>
  ({ name, args }) => {
    if (args.length < 2) return plainCall(name, args);
    const flat = args.flatMap((arg) => {
      const inner = isStrict ? withoutDefault(arg, name, args) : arg;
      return inner.kind === "call" && inner.name === name && inner.args.length > 1 ? inner.args : [inner];
    });
    return plainCall(name, distinct(flat));
  };

/** `op(ifNull(op(a, b), c), b)`: where `op(a, b)` is null because of b, so is the whole. */
function withoutDefault(arg: Term, name: string, around: readonly Term[]): Term {
  if (arg.kind !== "call" || arg.name !== "$ifNull") return arg;
  const [inner] = arg.args;
  if (inner?.kind !== "call" || inner.name !== name) return arg;
  const isCovered = (part: Term): boolean => isNeverNull(part) || around.some((other) => same(other, part));
  return inner.args.every(isCovered) ? inner : arg;
}

const ifNull: Law = ({ name, args }) => {
  const flat = distinct(args.flatMap((arg) => (arg.kind === "call" && arg.name === name ? arg.args : [arg])));
  const end = flat.findIndex(isNeverNull);
  const upTo = end === -1 ? flat : flat.slice(0, end + 1);
  const isIdle =
    upTo.length > 1 && same(upTo.at(-1) ?? missing, literal(null)) && isNeverMissing(upTo.at(-2) ?? missing);
  const needed = isIdle ? upTo.slice(0, -1) : upTo;
  const [first, ...others] = needed;
  if (first === undefined || others.length === 0) return first ?? plainCall(name, needed);
  // Where a largest of x and c is null, c is null too.
  const isExtreme = first.kind === "call" && (first.name === "$max" || first.name === "$min");
  const left = isExtreme ? others.filter((other) => !first.args.some((arg) => same(arg, other))) : others;
  return left.length === 0 ? first : plainCall(name, [first, ...left]);
};

/** The first operand that is there at all: what `$mergeObjects` does with a field. */
const present: Law = ({ name, args }) => {
  const flat = args.flatMap((arg) => (arg.kind === "call" && arg.name === name ? arg.args : [arg]));
  const some = distinct(flat.filter((arg) => !same(arg, missing)));
  const end = some.findIndex(isNeverMissing);
  const needed = end === -1 ? some : some.slice(0, end + 1);
  const [only] = needed;
  return needed.length < 2 ? (only ?? missing) : plainCall(name, needed);
};

/** Later objects win, so only neighbours can be put together. */
const mergeObjects: Law = ({ name, args }) => {
  const flat = args.flatMap((arg) => (arg.kind === "call" && arg.name === name ? arg.args : [arg]));
  return plainCall(
    name,
    flat.filter((arg, index) => index === 0 || !same(arg, flat[index - 1] ?? missing)),
  );
};

const setDifference: Law = ({ name, args }) => {
  const [from, taken] = args;
  if (from === undefined || taken === undefined) return plainCall(name, args);
  const inner = withoutDefault(from, name, [from, taken]);
  const isTaken = inner.kind === "call" && inner.name === name && same(inner.args[1] ?? missing, taken);
  return isTaken ? inner : plainCall(name, [from, taken]);
};

/** Twice the same filter is once; and a filter by `item.id != x` takes a list of items with that id away. */
const filter: Law = ({ name, args }) => {
  const [input, condition] = args;
  if (input?.kind !== "call" || condition === undefined || args.length > 2) return plainCall(name, args);
  if (input.name === name && input.args.length === 2 && same(input.args[1] ?? missing, condition)) return input;
  if (input.name === "$concatArrays") {
    const left = input.args.filter((part) => !isTakenAway(part, condition));
    const [only] = left;
    if (left.length < input.args.length && left.length === 1 && only !== undefined)
      return simplifyCall(plainCall(name, [only, condition]));
  }
  return plainCall(name, args);
};

function isTakenAway(list: Term, condition: Term): boolean {
  if (list.kind !== "call" || list.name !== "[]") return false;
  const [equality] = condition.kind === "call" && condition.name === "$not" ? condition.args : [];
  if (equality?.kind !== "call" || equality.name !== "$eq") return false;
  const sides = equality.args;
  const item = sides.find(isItem);
  const other = sides.find((side) => !isItem(side));
  if (item === undefined || other === undefined) return false;
  if (itemPath(item).length === 0 && !isThere(other)) return false;
  return list.args.every((each) => same(fieldOf(each, itemPath(item)), other));
}

/** Bound variables of `$filter` are all called this when an expression is read. */
export const itemVariable = "$$\u0001item";

function isItem({ kind, text }: Term): boolean {
  return kind === "incoming" && (text === itemVariable || text.startsWith(`${itemVariable}.`));
}

function fieldOf(item: Term, path: FieldPath): Term {
  if (path.length === 0) return item;
  if (item.kind === "document") return item.read(path);
  return item.kind === "incoming" ? incoming(`${item.text}.${path.join(".")}`) : missing;
}

function itemPath({ text }: Term): FieldPath {
  return text === itemVariable ? [] : text.slice(itemVariable.length + 1).split(".");
}

/** `f(f(x))` is `f(x)`. */
const once: Law = ({ name, args }) => {
  const [only] = args;
  return args.length === 1 && only?.kind === "call" && only.name === name && only.args.length === 1
    ? only
    : plainCall(name, args);
};

/** Adding nothing; it makes null of what is missing. */
const neutral =
  (zero: unknown, commutes: boolean): Law =>
  ({ name, args }) => {
    const nothing = literal(zero);
    const left = args.filter((arg, index) => (index === 0 && !commutes) || !isNothing(arg, nothing));
    const [only] = left;
    if (left.length !== 1 || only === undefined || only.kind === "literal") return plainCall(name, left);
    return simplifyCall(plainCall("$ifNull", [only, literal(null)]));
  };

function isNothing(term: Term, nothing: Term): boolean {
  return (
    same(term, nothing) ||
    (term.kind === "call" && term.name === "[]" && term.args.length === 0 && same(nothing, literal([])))
  );
}

const not: Law = ({ name, args }) => {
  const [only] = args;
  const known = only === undefined ? undefined : decideBySides(only);
  if (known !== undefined) return literal(!known);
  return only?.kind === "call" && only.name === "$not" && only.args[0] !== undefined
    ? only.args[0]
    : plainCall(name, args);
};

const condition: Law = ({ name, args }) => {
  const term = plainCall(name, args);
  const known = decideBySides(term);
  return known === undefined ? term : literal(known);
};

const laws: ReadonlyMap<string, Law> = new Map<string, Law>([
  ["$max", collapse(false)],
  ["$min", collapse(false)],
  ["$setUnion", collapse(true)],
  ["$setIntersection", collapse(true)],
  ["$setDifference", setDifference],
  ["$ifNull", ifNull],
  ["present", present],
  ["$mergeObjects", mergeObjects],
  ["$filter", filter],
  ["$add", neutral(0, true)],
  ["$subtract", neutral(0, false)],
  ["$multiply", neutral(1, true)],
  ["$concat", neutral("", true)],
  ["$concatArrays", neutral([], true)],
  ["$not", not],
  ["$and", condition],
  ["$or", condition],
  ["gt", condition],
  ["$eq", condition],
  ["$in", condition],
  ...["$toLower", "$toUpper", "$abs", "$ceil", "$floor", "$trunc", "$toString", "$toDate"].map(
    (name): [string, Law] => [name, once],
  ),
]);

function distinct(terms: readonly Term[]): readonly Term[] {
  return terms.filter((term, index) => !terms.slice(0, index).some((other) => same(other, term)));
}

/** True for what is never null nor missing. */
function isNeverNull(term: Term): boolean {
  switch (term.kind) {
    case "literal":
      return term.value !== undefined && term.value !== null;
    case "document":
      return true;
    case "call": {
      const { name, args } = term;
      if (valued.has(name)) return true;
      if (name === "$ifNull" || ((name === "$max" || name === "$min") && args.length > 1))
        return args.some(isNeverNull);
      if (name === "$filter") return args[0] !== undefined && isNeverNull(args[0]);
      return handsOnNull.has(name) && args.every(isNeverNull);
    }
    default:
      return false;
  }
}

/** True for what is never missing; null counts as a value. */
function isNeverMissing(term: Term): boolean {
  if (isNeverNull(term)) return true;
  if (term.kind === "literal") return term.value !== undefined;
  if (term.kind !== "call") return false;
  if (term.name === "$ifNull") return isNeverMissing(term.args.at(-1) ?? missing);
  return handsOnNull.has(term.name) || nullable.has(term.name);
}

const valued: ReadonlySet<string> = new Set(["[]", "$mergeObjects", "$and", "$or", "$not", "gt", "$eq", "$in", "$cmp"]);
const handsOnNull: ReadonlySet<string> = new Set([
  ...["$add", "$subtract", "$multiply", "$abs", "$ceil", "$floor", "$trunc", "$concat", "$concatArrays"],
  ...["$setUnion", "$setIntersection", "$setDifference", "$size"],
]);
const nullable: ReadonlySet<string> = new Set(["$max", "$min", "$divide", "$mod", "$filter", "$map"]);
