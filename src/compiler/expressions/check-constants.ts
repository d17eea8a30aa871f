import { isDemanded } from "../../expressions/operand-demands.ts";
import type { OperandDemands } from "../../expressions/operand-demands.ts";
import type { ConstantDemand } from "../../expressions/constant-demands.ts";
import { faultOfPattern, findMisfit, patternOf, readConstant } from "../constants.ts";
import type { Constant } from "../constants.ts";
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
    checkConstant(walk, `the operand of \`${operator}\``, argument, operands[0]);
    return;
  }
  for (let index = 0; index < argument.length; index++) {
    const operand: unknown = argument[index];
    const demand = operands[Math.min(index, operands.length - 1)];
    if (demand === undefined || readConstant(operand) === undefined) continue;
    const which = argument.length === 1 ? "the operand" : `operand ${index + 1}`;
    step(walk, index, operand, () => checkConstant(walk, `${which} of \`${operator}\``, operand, demand));
  }
}

function checkNamed(walk: Walk, operator: string, fields: Fields, { named }: OperandDemands): void {
  if (named === undefined) return;
  for (const name in fields) {
    const demand = Object.hasOwn(named, name) ? named[name] : undefined;
    if (demand === undefined || readConstant(fields[name]) === undefined || !isDemanded(demand, fields)) continue;
    step(walk, name, fields[name], (value) => checkConstant(walk, `\`${name}\` of \`${operator}\``, value, demand));
  }
}

/** Checks one expression where the walk is, if it is a constant. */
export function checkConstant(walk: Walk, what: string, value: unknown, demand: ConstantDemand | undefined): void {
  const constant = demand === undefined ? undefined : readConstant(value);
  if (demand !== undefined && constant !== undefined) reportMisfit(walk, what, constant, demand);
}

function reportMisfit(walk: Walk, what: string, constant: Constant, demand: ConstantDemand): void {
  const misfit = findMisfit(constant, demand);
  if (misfit === undefined) return;
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
