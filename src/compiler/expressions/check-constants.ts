import { isDemanded } from "../../expressions/operand-demands.ts";
import type { OperandDemands } from "../../expressions/operand-demands.ts";
import type { ConstantDemand } from "../../expressions/constant-demands.ts";
import { faultOfPattern, findMisfit, patternOf, readConstant } from "../constants.ts";
import type { Constant, Misfit } from "../constants.ts";
import { describeValue } from "../describe-value.ts";
import { badPattern } from "../rules/bad-pattern.ts";
import { unfitConstant } from "../rules/unfit-constant.ts";
import { unknownWord } from "../rules/unknown-word.ts";
import { report, step } from "./walk.ts";
import type { Walk } from "./walk.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Checks the constants among the operands of an operator; the walk is at its argument.
 *
 * @param fields The arguments by name, or undefined where they are operands.
 */
export function checkConstants(
  walk: Walk,
  operator: string,
  argument: unknown,
  { fields, demands }: { readonly fields: Fields | undefined; readonly demands: OperandDemands },
): void {
  if (fields !== undefined) {
    checkNamed(walk, operator, fields, demands);
    return;
  }
  const { operands } = demands;
  if (operands === undefined) return;
  if (!Array.isArray(argument)) {
    const found = findUnfit(argument, operands[0]);
    if (found !== undefined) reportMisfit(walk, `the operand of \`${operator}\``, found);
    return;
  }
  for (let index = 0; index < argument.length; index++) {
    const found = findUnfit(argument[index], operands[Math.min(index, operands.length - 1)]);
    if (found === undefined) continue;
    const which = argument.length === 1 ? "the operand" : `operand ${index + 1}`;
    step(walk, index, argument[index], () => reportMisfit(walk, `${which} of \`${operator}\``, found));
  }
}

function checkNamed(walk: Walk, operator: string, fields: Fields, { named }: OperandDemands): void {
  if (named === undefined) return;
  for (const name in fields) {
    const demand = Object.hasOwn(named, name) ? named[name] : undefined;
    const found = findUnfit(fields[name], demand);
    if (demand === undefined || found === undefined || !isDemanded(demand, fields)) continue;
    step(walk, name, fields[name], () => reportMisfit(walk, `\`${name}\` of \`${operator}\``, found));
  }
}

interface Unfit {
  readonly constant: Constant;
  readonly demand: ConstantDemand;
  readonly misfit: Misfit;
}

/** Most operands are computed or right, and nothing is made for those. */
function findUnfit(value: unknown, demand: ConstantDemand | undefined): Unfit | undefined {
  const constant = demand === undefined ? undefined : readConstant(value);
  if (demand === undefined || constant === undefined) return undefined;
  const misfit = findMisfit(constant, demand);
  return misfit === undefined ? undefined : { constant, demand, misfit };
}

function reportMisfit(walk: Walk, what: string, { constant, demand, misfit }: Unfit): void {
  const fault = demand.rule === "pattern" ? faultOfPattern(constant.value) : undefined;
  if (fault !== undefined) {
    report(walk, badPattern, { pattern: patternOf(constant.value), fault });
  } else if (misfit.word !== undefined) {
    report(walk, unknownWord, { what, found: misfit.word, words: demand.words ?? [] });
  } else {
    report(walk, unfitConstant, {
      ...{ what, expected: demand.expected, found: describeValue(constant.value) },
      help: misfit.help,
    });
  }
}
