import { isOperatorOf } from "../../expressions/operators.ts";
import { isDocument } from "../kinds.ts";
import { describeValue } from "../describe-value.ts";
import { matchOperator } from "../rules/match-operator.ts";
import { mixedOperators } from "../rules/mixed-operators.ts";
import { misplacedQueryOperator } from "../rules/misplaced-query-operator.ts";
import { validatorOperator } from "../rules/validator-operator.ts";
import { wrongArgument } from "../rules/wrong-argument.ts";
import { checkPattern, isRegExp, queryValues } from "./check-query-values.ts";
import { reportStrangeOperator } from "./strange-operator.ts";
import { field, hasDollar, report, step, toFields } from "./walk.ts";
import type { Walk } from "./walk.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Operators that stand around fields; all others stand below one. */
const around: ReadonlySet<string> = new Set([
  ...["$and", "$or", "$nor", "$expr", "$jsonSchema", "$comment", "$text", "$where"],
  ...["$sampleRate", "$alwaysTrue", "$alwaysFalse"],
]);

/** Those that see the whole document. */
const topmost: ReadonlySet<string> = new Set(["$expr", "$sampleRate"]);

/** Operators that no stage of a pipeline takes, `$validate` included. Source: asp-language section 1.2; a mongod says the same of `$match`. */
const refused: ReadonlySet<string> = new Set(["$near", "$nearSphere", "$geoNear", "$text", "$where"]);

/** Keys of a reference to a document, which is a value. */
const references: ReadonlySet<string> = new Set(["$ref", "$id", "$db"]);

/** Checks the query of a `$match` or of a `$validate`. */
export function checkQuery(walk: Walk, value: unknown, stage: string): void {
  checkPart(walk, value, { stage, inElement: false });
}

interface Where {
  readonly stage: string;
  /** Below `$elemMatch`. */
  readonly inElement: boolean;
}

interface Beside {
  /** The document that has the operator. */
  readonly fields: Fields;
  readonly where: Where;
}

function checkPart(walk: Walk, value: unknown, where: Where): void {
  const fields = toFields(value);
  if (fields === undefined) return;
  for (const key in fields) {
    step(walk, key, fields[key], (below) => {
      if (hasDollar(key) && !references.has(key)) checkAround(walk, key, below, { fields, where });
      else checkBelowField(walk, below, where);
    });
  }
}

/** The walk is at the operator's argument, and a finding about the operator itself too: its key is the nearest place. */
function checkAround(walk: Walk, name: string, argument: unknown, { fields, where }: Beside): void {
  if (refused.has(name)) {
    report(walk, where.stage === "$validate" ? validatorOperator : matchOperator, { operator: name });
  } else if (name === "$and" || name === "$or" || name === "$nor") {
    if (!Array.isArray(argument) || argument.length === 0) {
      const found = describeValue(argument);
      report(walk, wrongArgument, { what: `\`${name}\``, expected: "an array of queries", found });
      return;
    }
    for (const [index, query] of argument.entries()) {
      step(walk, index, query, () => {
        if (isDocument(query)) checkPart(walk, query, where);
        else
          report(walk, wrongArgument, {
            what: `a part of \`${name}\``,
            expected: "a query",
            found: describeValue(query),
          });
      });
    }
  } else if (where.inElement && topmost.has(name)) {
    report(walk, misplacedQueryOperator, { operator: name, stands: "below" });
  } else if (name === "$expr") {
    walk.visit(argument);
  } else if (around.has(name)) {
    queryValues.get(name)?.(walk, argument, name, fields);
  } else {
    if (isOperatorOf("query", name)) report(walk, misplacedQueryOperator, { operator: name, stands: "around" });
    else reportStrangeOperator(walk, name, "query");
  }
}

function checkBelowField(walk: Walk, value: unknown, where: Where): void {
  const fields = toFields(value);
  if (fields === undefined) checkPattern(walk, value);
  else if (isPredicate(fields)) checkPredicate(walk, fields, where);
}

/** As the server tells: a document whose first key is an operator; any other is a value to be equal to. */
function isPredicate(fields: Fields): boolean {
  if (field(fields, "$ref") !== undefined && field(fields, "$id") !== undefined) return false;
  for (const key in fields) return hasDollar(key);
  return false;
}

function checkPredicate(walk: Walk, fields: Fields, where: Where): void {
  let strangers: string[] | undefined;
  let operator = "";
  for (const key in fields) {
    if (!hasDollar(key)) {
      (strangers ??= []).push(key);
      continue;
    }
    operator ||= key;
    step(walk, key, fields[key], (argument) => checkBelow(walk, key, argument, { fields, where }));
  }
  if (strangers !== undefined) report(walk, mixedOperators, { operator, others: strangers });
}

function checkBelow(walk: Walk, name: string, argument: unknown, beside: Beside): void {
  const { where } = beside;
  if (refused.has(name) && !around.has(name)) {
    report(walk, where.stage === "$validate" ? validatorOperator : matchOperator, { operator: name });
  } else if (around.has(name)) {
    report(walk, misplacedQueryOperator, { operator: name, stands: "below" });
  } else if (isOperatorOf("query", name)) {
    checkArgument(walk, name, argument, beside);
  } else {
    reportStrangeOperator(walk, name, "query");
  }
}

function checkArgument(walk: Walk, name: string, argument: unknown, { fields, where }: Beside): void {
  switch (name) {
    case "$in":
    case "$nin":
    case "$all":
      if (Array.isArray(argument)) checkList(walk, name, argument, where);
      else report(walk, wrongArgument, { what: `\`${name}\``, expected: "an array", found: describeValue(argument) });
      break;
    case "$not":
      checkNot(walk, argument, where);
      break;
    case "$elemMatch":
      checkElement(walk, argument, where);
      break;
    default:
      queryValues.get(name)?.(walk, argument, name, fields);
  }
}

function checkList(walk: Walk, name: string, list: readonly unknown[], where: Where): void {
  let elements = 0;
  for (const [index, item] of list.entries()) {
    const fields = toFields(item);
    if (fields === undefined) {
      if (typeof item === "object") step(walk, index, item, (value) => checkPattern(walk, value));
      continue;
    }
    if (!isPredicate(fields)) continue;
    step(walk, index, item, () => {
      const element = name === "$all" ? field(fields, "$elemMatch") : undefined;
      elements += element === undefined ? 0 : 1;
      if (element !== undefined) step(walk, "$elemMatch", element, () => checkElement(walk, element, where));
      else
        report(walk, wrongArgument, {
          what: `an element of \`${name}\``,
          expected: "a value",
          found: describeValue(item),
        });
    });
  }
  if (elements > 0 && elements < list.length) {
    report(walk, wrongArgument, { what: "`$all`", expected: "values, or `$elemMatch` in every place", found: "both" });
  }
}

function checkNot(walk: Walk, argument: unknown, where: Where): void {
  if (isRegExp(argument)) {
    checkPattern(walk, argument);
    return;
  }
  const fields = toFields(argument);
  if (fields === undefined || Object.keys(fields).length === 0) {
    const expected = "a regular expression or a document of operators";
    report(walk, wrongArgument, { what: "`$not`", expected, found: describeValue(argument) });
  } else if (isPredicate(fields)) {
    checkPredicate(walk, fields, where);
  } else {
    report(walk, wrongArgument, {
      what: "`$not`",
      expected: "a document of operators",
      found: describeValue(argument),
    });
  }
}

/** What `$elemMatch` takes: a query of the element's fields, or operators for the element itself. */
function checkElement(walk: Walk, argument: unknown, where: Where): void {
  const fields = toFields(argument);
  if (fields === undefined) {
    report(walk, wrongArgument, { what: "`$elemMatch`", expected: "a document", found: describeValue(argument) });
    return;
  }
  const [first = ""] = Object.keys(fields);
  if (hasDollar(first) && !around.has(first)) checkPredicate(walk, fields, where);
  else checkPart(walk, fields, { ...where, inElement: true });
}
