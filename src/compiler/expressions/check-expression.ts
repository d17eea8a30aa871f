import { aspOperators, isOperatorOf } from "../../expressions/operators.ts";
import { operandDemands } from "../../expressions/operand-demands.ts";
import { operatorArguments } from "../../expressions/operator-arguments.ts";
import type { Cursor } from "../cursor.ts";
import { badFieldName } from "../rules/bad-field-name.ts";
import { mixedOperators } from "../rules/mixed-operators.ts";
import { onlyInStream } from "../rules/only-in-stream.ts";
import { checkArguments } from "./check-arguments.ts";
import { checkConstants } from "./check-constants.ts";
import { checkMetaWord } from "./check-meta-word.ts";
import { checkReference } from "./check-reference.ts";
import { scopedOperators } from "./scoped-operators.ts";
import { reportStrangeOperator } from "./strange-operator.ts";
import { hasDollar, report, step, toFields } from "./walk.ts";
import type { Surroundings, Walk } from "./walk.ts";

/** Begins a walk at a value that holds expressions. */
export function startWalk(from: Cursor, surroundings: Surroundings): Walk {
  const walk: Walk = {
    surroundings,
    from,
    path: [],
    scope: new Map(surroundings.variables.map((name) => [name, 1])),
    findings: [],
    visit: (value) => visitExpression(walk, value),
  };
  return walk;
}

function visitExpression(walk: Walk, value: unknown): void {
  if (typeof value === "string") {
    if (hasDollar(value)) checkReference(walk, value);
  } else if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) step(walk, index, value[index], walk.visit);
  } else if (typeof value === "object" && value !== null) {
    const fields = toFields(value);
    if (fields !== undefined) visitObject(walk, fields);
  }
}

function visitObject(walk: Walk, fields: Readonly<Record<string, unknown>>): void {
  if (!checkOneOperator(walk, fields)) return;
  for (const key in fields) {
    if (hasDollar(key)) {
      visitOperator(walk, key, fields[key]);
    } else {
      if (key === "" || key.includes(".")) report(walk, badFieldName, { name: key, within: "an expression" });
      step(walk, key, fields[key], walk.visit);
    }
  }
}

/** False, and a finding, where a document has an operator and something else beside it. */
export function checkOneOperator(walk: Walk, fields: Readonly<Record<string, unknown>>): boolean {
  let count = 0;
  let operator: string | undefined;
  for (const key in fields) {
    count++;
    if (operator === undefined && hasDollar(key)) operator = key;
  }
  if (operator === undefined || count === 1) return true;
  const keys = Object.keys(fields);
  report(walk, mixedOperators, { operator, others: keys.filter((key) => key !== operator) });
  return false;
}

/** Checks `{ [name]: argument }`; the walk is at the document that has the operator. */
export function visitOperator(walk: Walk, name: string, argument: unknown): void {
  if (name === "$literal" || name === "$const") return;
  const { onCluster } = walk.surroundings;
  if (!isOperatorOf("expression", name)) reportStrangeOperator(walk, name, "expression");
  else if (onCluster !== undefined && aspOperators.includes(name)) {
    report(walk, onlyInStream, { operator: name, context: onCluster });
  }
  walk.path.push(name);
  if (name === "$meta") checkMetaWord(walk, argument);
  else visitArguments(walk, name, argument);
  walk.path.pop();
}

function visitArguments(walk: Walk, name: string, argument: unknown): void {
  const rule = operatorArguments.get(name);
  const fields = rule === undefined ? undefined : checkArguments(walk, name, argument, rule);
  const demands = operandDemands.get(name);
  if (demands !== undefined) checkConstants(walk, name, argument, { fields, demands });
  if (fields === undefined) {
    walk.visit(argument);
    return;
  }
  const scoped = scopedOperators.get(name);
  if (scoped !== undefined) {
    scoped(walk, fields);
    return;
  }
  for (const key in fields) step(walk, key, fields[key], walk.visit);
}
