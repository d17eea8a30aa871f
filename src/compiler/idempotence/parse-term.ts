import { isDocument } from "../kinds.ts";
import { call, choose, project } from "./build-term.ts";
import { newDocument, toDocument, withField } from "./document-term.ts";
import { itemVariable } from "./simplify-call.ts";
import { incoming, literal, missing } from "./term.ts";
import type { DocumentTerm, Term } from "./term.ts";

/** What the names in an expression mean. */
export interface Scope {
  /** The document that `$field` reads: the stored one, changed by the stages before. */
  readonly document: DocumentTerm;
  readonly variables: ReadonlyMap<string, Term>;
  /** How many lists are walked around the expression. */
  readonly depth: number;
  /** How much more is read: parts that stand in several places are read for each. */
  readonly budget: { left: number };
}

/** Reads an expression of a `whenMatched` pipeline. */
export function parseTerm(expression: unknown, scope: Scope): Term {
  scope.budget.left -= 1;
  if (scope.budget.left < 0) return missing;
  if (typeof expression === "string") return parseText(expression, scope);
  if (Array.isArray(expression)) {
    return call(
      "[]",
      expression.map((item) => parseTerm(item, scope)),
    );
  }
  if (!isDocument(expression)) return literal(expression);
  const entries: readonly (readonly [string, unknown])[] =
    expression instanceof Map ? [...(expression as ReadonlyMap<string, unknown>)] : Object.entries(expression);
  const [first] = entries;
  if (first !== undefined && entries.length === 1 && first[0].startsWith("$")) {
    return parseOperator(first[0], first[1], scope);
  }
  return newDocument(new Map(entries.map(([name, value]) => [name, parseTerm(value, scope)])));
}

function parseText(text: string, { document, variables }: Scope): Term {
  if (!text.startsWith("$")) return literal(text);
  const [head = "", ...path] = text.split(".");
  if (!text.startsWith("$$")) return document.read([head.slice(1), ...path]);
  const name = head.slice(2);
  if (name === "ROOT" || name === "CURRENT") return document.read(path);
  if (name === "REMOVE") return missing;
  const bound = variables.get(name);
  return bound === undefined ? incoming(text) : project(bound, path);
}

function parseOperator(name: string, argument: unknown, scope: Scope): Term {
  const parse = (value: unknown): Term => parseTerm(value, scope);
  const named = isDocument(argument) ? argument : {};
  const list = (Array.isArray(argument) ? argument : [argument]) as readonly unknown[];
  const operands = (): readonly Term[] => list.map(parse);
  const [a = missing, b = missing] = comparisons.has(name) ? operands() : [];
  switch (name) {
    case "$literal":
    case "$const":
      return literal(argument);
    case "$meta":
      return incoming(`$meta:${JSON.stringify(argument)}`);
    case "$gt":
      return call("gt", [a, b]);
    case "$lt":
      return call("gt", [b, a]);
    case "$gte":
      return call("$not", [call("gt", [b, a])]);
    case "$lte":
      return call("$not", [call("gt", [a, b])]);
    case "$eq":
      return call("$eq", inOrder(a, b));
    case "$ne":
      return call("$not", [call("$eq", inOrder(a, b))]);
    case "$cond":
      return isDocument(argument)
        ? choose(parse(named["if"]), parse(named["then"]), parse(named["else"]))
        : choose(parse(list[0]), parse(list[1]), parse(list[2]));
    case "$switch":
      return parseSwitch(named, parse);
    case "$let":
      return parseLet(named, scope);
    case "$getField":
      return isDocument(argument) && "field" in named
        ? parseGetField(named["field"], "input" in named ? parse(named["input"]) : scope.document, scope)
        : parseGetField(argument, scope.document, scope);
    case "$setField":
    case "$unsetField":
      return parseSetField(name, named, scope);
    case "$filter":
    case "$map":
    case "$reduce":
      return parseLoop(name, named, scope);
    default:
      return isDocument(argument) && !hasOperator(argument)
        ? call(`${name}:${Object.keys(argument).join()}`, Object.values(argument).map(parse))
        : call(name, operands());
  }
}

const comparisons: ReadonlySet<string> = new Set(["$gt", "$lt", "$gte", "$lte", "$eq", "$ne"]);

function hasOperator(argument: object): boolean {
  const [key, ...others] = Object.keys(argument);
  return key !== undefined && others.length === 0 && key.startsWith("$");
}

/** Equality has no sides. */
function inOrder(a: Term, b: Term): readonly Term[] {
  return a.text <= b.text ? [a, b] : [b, a];
}

function parseSwitch(named: Readonly<Record<string, unknown>>, parse: (value: unknown) => Term): Term {
  const branches = Array.isArray(named["branches"]) ? named["branches"].filter(isDocument) : [];
  // Without a default the update fails, and the document becomes a dead letter.
  const last = "default" in named ? parse(named["default"]) : incoming("$switch failed");
  return branches.reduceRight<Term>((rest, branch) => choose(parse(branch["case"]), parse(branch["then"]), rest), last);
}

function parseLet(named: Readonly<Record<string, unknown>>, scope: Scope): Term {
  const vars = isDocument(named["vars"]) ? Object.entries(named["vars"]) : [];
  const bound = vars.map(([name, value]): [string, Term] => [name, parseTerm(value, scope)]);
  return parseTerm(named["in"], { ...scope, variables: new Map([...scope.variables, ...bound]) });
}

function parseGetField(field: unknown, input: Term, scope: Scope): Term {
  const name = parseTerm(field, scope);
  return name.kind === "literal" && typeof name.value === "string"
    ? project(input, [name.value])
    : call("$getField", [name, input]);
}

function parseSetField(operator: string, named: Readonly<Record<string, unknown>>, scope: Scope): Term {
  const [field, input] = [parseTerm(named["field"], scope), parseTerm(named["input"], scope)];
  const value = operator === "$setField" ? parseTerm(named["value"], scope) : missing;
  return field.kind === "literal" && typeof field.value === "string"
    ? withField(toDocument(input), [field.value], value)
    : call(operator, [field, input, value]);
}

/** The variables of a loop are called by how deep it stands, so that their names in the pipeline do not matter. */
function parseLoop(name: string, named: Readonly<Record<string, unknown>>, scope: Scope): Term {
  const item = incoming(scope.depth === 0 ? itemVariable : `${itemVariable}${scope.depth}`);
  const as = typeof named["as"] === "string" ? named["as"] : "this";
  const bound: [string, Term][] = [[name === "$reduce" ? "this" : as, item]];
  if (name === "$reduce") bound.push(["value", incoming(`${itemVariable}${scope.depth}value`)]);
  const inside = { ...scope, depth: scope.depth + 1, variables: new Map([...scope.variables, ...bound]) };
  const parts = ["input", "initialValue", "limit"].filter((part) => part in named);
  const body = parseTerm(named[name === "$filter" ? "cond" : "in"], inside);
  const [input = missing, ...others] = parts.map((part) => parseTerm(named[part], scope));
  // What is chosen inside of the loop may be another thing for each item, and cannot be chosen outside.
  const whole = body.kind === "choice" ? quoted(body) : body;
  return call(name, [input, whole, ...others]);
}

/** A choice as a value that no call is drawn into. */
function quoted({ text, reads, size }: Term): Term {
  return { kind: "call", name: "opaque", args: [], text: `opaque:${text}`, reads, size };
}
