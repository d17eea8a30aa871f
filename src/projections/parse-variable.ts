import { isPlainObject } from "../expressions/is-plain-object.ts";
import type { Node } from "../expressions/node.ts";
import { badVariable } from "./findings/bad-variable.ts";
import { variableClash } from "./findings/variable-clash.ts";
import type { ValueContext } from "./parse-value.ts";

/** Variables that the compiled `whenMatched` binds around every expression. */
export const ownVariables: ReadonlySet<string> = new Set(["new", "view"]);

/** A text that starts with `$$`: a variable that an operator around it binds, or `$$REMOVE`. */
export function parseVariable(text: string, context: ValueContext): Node {
  const name = text.slice(2).split(".")[0] ?? "";
  if (name !== "REMOVE" && !context.variables.has(name)) {
    const { why, help } = systemVariables[name] ?? {
      why: "which nothing binds",
      help: `bind it with \`$let\`, or use \`{ $literal: ${JSON.stringify(text)} }\` for the text itself`,
    };
    context.reporter.report(badVariable, { where: context.where, variable: text, why, help }, context.near);
  }
  return { kind: "variable", text };
}

const whole = {
  why: "which is another document before and inside the `$merge`",
  help: "use references to the fields of `event` and `view`",
};
const clock = {
  why: "which Atlas Stream Processing does not have, and which would differ each time",
  help: "use `event.time`",
};
const systemVariables: Readonly<Record<string, { readonly why: string; readonly help: string }>> = {
  ROOT: whole,
  CURRENT: whole,
  NOW: clock,
  CLUSTER_TIME: clock,
};

/** The variables that an operator binds for its body. */
export function variablesBoundBy(operator: string, argument: unknown, context: ValueContext): readonly string[] {
  const bound = boundNames(operator, argument);
  for (const variable of bound.filter((name) => ownVariables.has(name))) {
    context.reporter.report(variableClash, { where: context.where, variable }, context.near);
  }
  return bound;
}

function boundNames(operator: string, argument: unknown): readonly string[] {
  if (!isPlainObject(argument)) return [];
  const named = typeof argument["as"] === "string" ? argument["as"] : "this";
  switch (operator) {
    case "$map":
    case "$filter":
      return [named];
    case "$reduce":
      return ["this", "value"];
    case "$let":
      return isPlainObject(argument["vars"]) ? Object.keys(argument["vars"]) : [];
    default:
      return [];
  }
}
