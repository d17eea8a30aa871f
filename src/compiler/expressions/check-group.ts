import { accumulatorArguments } from "../../expressions/operator-arguments.ts";
import { accumulatorDemands } from "../../expressions/operand-demands.ts";
import { isOperatorOf } from "../../expressions/operators.ts";
import { describeValue } from "../describe-value.ts";
import { wrongArgument } from "../rules/wrong-argument.ts";
import { badFieldName } from "../rules/bad-field-name.ts";
import { checkArguments } from "./check-arguments.ts";
import { checkConstants } from "./check-constants.ts";
import { checkSortPattern } from "./check-literals.ts";
import { reportStrangeOperator } from "./strange-operator.ts";
import { hasDollar, report, step, toFields } from "./walk.ts";
import type { Walk } from "./walk.ts";

/** Checks a `$group`: `_id` is an expression, every other field an accumulator. That `_id` is there is for its schema to say. */
export function checkGroup(walk: Walk, value: unknown): void {
  const fields = toFields(value);
  if (fields === undefined) return;
  for (const name in fields) {
    if (name !== "_id" && (hasDollar(name) || name.includes("."))) {
      report(walk, badFieldName, { name, within: "`$group`" });
    }
    step(walk, name, fields[name], name === "_id" ? walk.visit : (below) => checkAccumulator(walk, name, below));
  }
}

function checkAccumulator(walk: Walk, name: string, value: unknown): void {
  const fields = toFields(value);
  const [operator, ...others] = fields === undefined ? [] : Object.keys(fields);
  if (fields === undefined || operator === undefined || !hasDollar(operator) || others.length > 0) {
    const what = `\`${name}\` of \`$group\``;
    report(walk, wrongArgument, { what, expected: "one accumulator, like { $sum: 1 }", found: describeValue(value) });
    return;
  }
  if (!isOperatorOf("accumulator", operator)) reportStrangeOperator(walk, operator, "accumulator");
  step(walk, operator, fields[operator], (argument) => checkArgument(walk, operator, argument));
}

function checkArgument(walk: Walk, operator: string, argument: unknown): void {
  const rule = accumulatorArguments.get(operator);
  const demands = accumulatorDemands.get(operator);
  if (rule === undefined) {
    if (Array.isArray(argument) && isOperatorOf("accumulator", operator)) {
      report(walk, wrongArgument, { what: `\`${operator}\``, expected: "one expression", found: "an array" });
    } else if (demands !== undefined) {
      checkConstants(walk, operator, argument, { fields: undefined, demands });
    }
    walk.visit(argument);
    return;
  }
  const fields = checkArguments(walk, operator, argument, rule);
  if (demands !== undefined) checkConstants(walk, operator, argument, { fields, demands });
  for (const key in fields) {
    step(walk, key, fields[key], (below) => {
      if (key !== "sortBy") walk.visit(below);
      else if (toFields(below) !== undefined) checkSortPattern(walk, operator, below);
      else
        report(walk, wrongArgument, {
          what: `\`sortBy\` of \`${operator}\``,
          expected: "a document",
          found: describeValue(below),
        });
    });
  }
}
