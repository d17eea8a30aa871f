import { describeValue } from "../describe-value.ts";
import { badVariableName } from "../rules/bad-variable-name.ts";
import { wrongArgument } from "../rules/wrong-argument.ts";
import { report, step } from "./walk.ts";
import type { Walk } from "./walk.ts";

/** As the server's: a lower-case letter or one beyond ASCII, then letters, digits and underscores; or `CURRENT`. */
const good = /^(?:[a-z\u0080-\u{10ffff}][\w\u0080-\u{10ffff}]*|CURRENT)$/u;

/** Checks the name that is given to a variable. */
export function checkVariableName(walk: Walk, name: unknown, what: string): void {
  if (typeof name !== "string") report(walk, wrongArgument, { what, expected: "a text", found: describeValue(name) });
  else if (!good.test(name)) report(walk, badVariableName, { name });
}

/** Checks a document of variables to expressions, which do not see each other, and gives the names. */
export function declareVariables(walk: Walk, variables: Readonly<Record<string, unknown>>): readonly string[] {
  const names: string[] = [];
  for (const name in variables) {
    names.push(name);
    checkVariableName(walk, name, "a variable");
    step(walk, name, variables[name], walk.visit);
  }
  return names;
}
