import type { Document } from "bson";
import { isPlainObject } from "./is-plain-object.ts";
import { operatorRules } from "./operator-rules.ts";
import type { Kind } from "./operator-rules.ts";
import { neverNull } from "./never-null.ts";
import { namedArgument, operands } from "./node.ts";
import type { Node } from "./node.ts";

/** What is known of a part of an expression over one particular read model. */
interface Known {
  readonly kinds: ReadonlySet<Kind>;
  /** True where the value depends on the read model. */
  readonly onView: boolean;
  readonly canFail: boolean;
  /** True for an array that is certainly empty. */
  readonly empty?: boolean;
}

interface Scope {
  readonly view: Document;
  /** Fields of the read model that are never null or missing. */
  readonly solid: (path: readonly string[]) => boolean;
  readonly variables: ReadonlyMap<string, Known>;
  /** True below a condition that depends on the read model: there even an operand from the event decides alone over failing. */
  readonly conditional: boolean;
  /** True after an operand that depends on the read model where a null ends the evaluation: it may hide what fails by its value. */
  readonly hidden: boolean;
}

/**
 * True where an expression may fail over `view` although it would not fail over every read model.
 *
 * Conservative: an operator that is not known not to fail counts as able to. What depends on the event alone is taken to fail over
 * every read model alike, unless a condition on the read model stands before it; and an operator that refuses types is fine where the
 * operands from `view` have the right ones.
 */
export function canFailOver(
  node: Node,
  view: Document,
  solid: (path: readonly string[]) => boolean = () => false,
): boolean {
  return know(node, { view, solid, variables: new Map(), conditional: false, hidden: false }).canFail;
}

function know(node: Node, scope: Scope): Known {
  switch (node.kind) {
    case "constant":
      return { ...kindOf(node.value), onView: false, canFail: false };
    case "reference":
      return node.root === "event" ? fromEvent : { ...kindAt(scope.view, node.path), onView: true, canFail: false };
    case "variable":
      return knowVariable(node.text, scope);
    case "list": {
      const parts = node.items.map((item) => know(item, scope));
      return { ...together(parts, "array"), empty: parts.length === 0 };
    }
    case "object":
      return together(
        node.fields.map(([, value]) => know(value, scope)),
        "object",
      );
    case "operator":
      return knowOperator(node.name, node.argument, scope);
  }
}

const fromEvent: Known = { kinds: new Set(["unknown"]), onView: false, canFail: false };

function together(parts: readonly Known[], ...kinds: readonly Kind[]): Known {
  return {
    kinds: new Set(kinds),
    onView: parts.some(({ onView }) => onView),
    canFail: parts.some(({ canFail }) => canFail),
  };
}

function knowVariable(text: string, { variables }: Scope): Known {
  const [name = "", ...path] = text.slice(2).split(".");
  const known = variables.get(name) ?? { kinds: new Set<Kind>(["nothing"]), onView: false, canFail: false };
  return path.length === 0 ? known : { ...known, kinds: new Set<Kind>(["unknown"]), empty: false };
}

function knowOperator(name: string, argument: Node, scope: Scope): Known {
  switch (name) {
    case "$cond":
      return knowBranches(conditionOf(argument), scope);
    case "$switch":
      return knowSwitch(argument, scope);
    case "$ifNull":
    case "$and":
    case "$or":
      return knowInTurn(name, operands(argument), scope);
    case "$let":
      return knowLet(argument, scope);
    case "$map":
    case "$filter":
    case "$reduce":
      return knowLoop(name, argument, scope);
    default:
      return knowPlain(name, argument, scope);
  }
}

function knowPlain(name: string, argument: Node, scope: Scope): Known {
  const parts = knowOperands(name, operandsOf(argument), scope);
  const rule = operatorRules.get(name);
  const all = together(parts, ...(rule?.gives ?? ["unknown"]));
  if (rule === undefined) return { ...all, canFail: all.canFail || all.onView || scope.conditional || scope.hidden };
  const refused = parts.some((part, index) => {
    const accepted = rule.accepts?.[Math.min(index, rule.accepts.length - 1)];
    if (accepted === undefined) return false;
    // An operand from the event alone is refused, or not, over every read model alike; of the declared type, but it may be null.
    if (part.onView || scope.conditional) return [...part.kinds].some((kind) => !accepted.has(kind));
    return scope.hidden && part.kinds.has("unknown") && !accepted.has("nothing");
  });
  return { ...all, canFail: all.canFail || refused };
}

function knowOperands(name: string, nodes: readonly Node[], scope: Scope): readonly Known[] {
  let { hidden } = scope;
  return nodes.map((node) => {
    const part = know(node, { ...scope, hidden });
    hidden ||= part.onView && endsAtNull.has(name) && !neverNull(node, scope.solid);
    return part;
  });
}

/** Operators that evaluate their operands in turn and stop at a null. */
const endsAtNull: ReadonlySet<string> = new Set([
  "$add",
  "$multiply",
  "$concat",
  "$concatArrays",
  "$setUnion",
  "$setIntersection",
]);

/** Positional operands, or the values of named ones. */
function operandsOf(argument: Node): readonly Node[] {
  return argument.kind === "object" ? argument.fields.map(([, value]) => value) : operands(argument);
}

interface Conditional {
  readonly if: Node | undefined;
  readonly branches: readonly (Node | undefined)[];
}

function conditionOf(argument: Node): Conditional {
  if (argument.kind === "list") return { if: argument.items[0], branches: argument.items.slice(1) };
  return {
    if: namedArgument(argument, "if"),
    branches: [namedArgument(argument, "then"), namedArgument(argument, "else")],
  };
}

function knowBranches({ if: condition, branches }: Conditional, scope: Scope): Known {
  if (condition === undefined || branches.some((branch) => branch === undefined)) return anything;
  const decides = know(condition, scope);
  const inside = { ...scope, conditional: scope.conditional || decides.onView };
  const results = branches.map((branch) => (branch === undefined ? anything : know(branch, inside)));
  return together([decides, ...results], ...results.flatMap(({ kinds }) => [...kinds]));
}

const anything: Known = { kinds: new Set(["unknown"]), onView: true, canFail: true };

function knowSwitch(argument: Node, scope: Scope): Known {
  const branches = namedArgument(argument, "branches");
  const fallback = namedArgument(argument, "default");
  // Without a default, `$switch` fails where no case holds.
  if (branches?.kind !== "list" || fallback === undefined) return anything;
  const cases = branches.items.map((branch) => namedArgument(branch, "case"));
  const results = branches.items.map((branch) => namedArgument(branch, "then"));
  const first = cases[0] === undefined ? undefined : know(cases[0], scope);
  const conditions = cases.map((condition) =>
    condition === undefined
      ? anything
      : know(condition, { ...scope, conditional: scope.conditional || first?.onView === true }),
  );
  const conditional = scope.conditional || conditions.some(({ onView }) => onView);
  const knownResults = [...results, fallback].map((result) =>
    result === undefined ? anything : know(result, { ...scope, conditional }),
  );
  return together([...conditions, ...knownResults], ...knownResults.flatMap(({ kinds }) => [...kinds]));
}

/** `$ifNull`, `$and` and `$or` stop at the first operand that decides. */
function knowInTurn(name: string, items: readonly Node[], scope: Scope): Known {
  let conditional = scope.conditional;
  const parts = items.map((item) => {
    const part = know(item, { ...scope, conditional });
    conditional ||= part.onView;
    return part;
  });
  if (name !== "$ifNull") return together(parts, "boolean");
  // Nothing is handed on but by the last one.
  const kinds = parts.flatMap((part, index) =>
    [...part.kinds].filter((kind) => kind !== "nothing" || index === parts.length - 1),
  );
  return together(parts, ...kinds);
}

function knowLet(argument: Node, scope: Scope): Known {
  const vars = namedArgument(argument, "vars");
  const body = namedArgument(argument, "in");
  if (vars?.kind !== "object" || body === undefined) return anything;
  const bound = vars.fields.map(([name, value]) => [name, know(value, scope)] as const);
  const result = know(body, { ...scope, variables: new Map([...scope.variables, ...bound]) });
  return together([...bound.map(([, known]) => known), result], ...result.kinds);
}

function knowLoop(name: string, argument: Node, scope: Scope): Known {
  const input = namedArgument(argument, "input");
  const body = namedArgument(argument, name === "$filter" ? "cond" : "in");
  if (input === undefined || body === undefined) return anything;
  const array = know(input, scope);
  const start = namedArgument(argument, "initialValue");
  const started = start === undefined ? [] : [know(start, scope)];
  const limit = namedArgument(argument, "limit");
  const limited = limit === undefined ? [] : [know(limit, scope)];
  const item: Known = { kinds: new Set(["unknown"]), onView: array.onView, canFail: false };
  const as = namedArgument(argument, "as");
  const named = as?.kind === "constant" && typeof as.value === "string" ? as.value : "this";
  const variables = new Map([...scope.variables, [named, item], ["value", { ...item, onView: true }]] as const);
  const result = know(body, { ...scope, variables, conditional: scope.conditional || array.onView });
  const kinds: readonly Kind[] =
    name === "$reduce"
      ? [...result.kinds, ...started.flatMap((known) => [...known.kinds]), "nothing"]
      : ["array", "nothing"];
  const never = array.empty === true || [...array.kinds].every((kind) => kind === "nothing");
  const all = together([array, ...started, ...limited, ...(never ? [] : [result])], ...kinds);
  const refused =
    (array.onView || scope.conditional) && [...array.kinds].some((kind) => kind !== "array" && kind !== "nothing");
  return {
    ...all,
    onView: all.onView || result.onView,
    canFail: all.canFail || refused || (limited[0]?.onView ?? false),
  };
}

function kindAt(view: Document, path: readonly string[]): Pick<Known, "kinds" | "empty"> {
  let value: unknown = view;
  for (const name of path) {
    if (Array.isArray(value)) return { kinds: new Set(["unknown"]) };
    value = isPlainObject(value) && Object.hasOwn(value, name) ? (value[name] as unknown) : undefined;
  }
  // The key is not part of `initial`.
  return path[0] === "_id" ? { kinds: new Set(["unknown"]) } : kindOf(value);
}

function kindOf(value: unknown): Pick<Known, "kinds" | "empty"> {
  const kind = kindOfConstant(value);
  return { kinds: new Set([kind]), ...(Array.isArray(value) ? { empty: value.length === 0 } : {}) };
}

function kindOfConstant(value: unknown): Kind {
  if (value === undefined || value === null) return "nothing";
  if (typeof value === "number" || typeof value === "bigint") return "number";
  if (typeof value === "string" || typeof value === "boolean") return typeof value as "string" | "boolean";
  if (value instanceof Date) return "date";
  if (Array.isArray(value)) return "array";
  if (isPlainObject(value)) return "object";
  const type: unknown = (value as { readonly _bsontype?: unknown })._bsontype;
  return type === "Long" || type === "Int32" || type === "Double" || type === "Decimal128" ? "number" : "other";
}
