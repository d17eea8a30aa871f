import { firstCandidates } from "../../diagnostics/suggest.ts";
import { badFieldPath } from "../rules/bad-field-path.ts";
import { forbiddenVariable } from "../rules/forbidden-variable.ts";
import { nowAsField } from "../rules/now-as-field.ts";
import { undefinedVariable } from "../rules/undefined-variable.ts";
import { insteadOf, insteadOfVariable, serverVariables } from "./server-variables.ts";
import { report } from "./walk.ts";
import type { Walk } from "./walk.ts";

const everywhere: readonly string[] = ["ROOT", "CURRENT", "REMOVE"];

/** Variables of one place, and which. */
const elsewhere: ReadonlyMap<string, string> = new Map([
  ...["DESCEND", "PRUNE", "KEEP"].map((name): [string, string] => [name, "in `$redact`"]),
  ["new", "in the pipeline of `whenMatched`"],
  ["this", "below `$map`, `$filter` and `$reduce`, where `as` gives no other name"],
  ["value", "in `in` of `$reduce`"],
  ["IDX", "below `$map`, `$filter` and `$reduce`, where `arrayIndexAs` gives no other name"],
]);

/** Parts that are empty or have a dollar, but for those of references to documents. */
const badPart = /(?:^|\.)(?:\.|\$(?!(?:id|ref|db)(?:\.|$))|$)|\0/u;

/** True for a path that the server refuses: with an empty part, or one that begins with a dollar. */
export function isBadPath(path: string): boolean {
  return badPart.test(path);
}

/** Checks a field path or a variable: a text that begins with a dollar. */
export function checkReference(walk: Walk, text: string): void {
  if (text.charCodeAt(1) !== 36) {
    if (badPart.test(text.slice(1))) report(walk, badFieldPath, { path: text });
    else if (text === "$NOW") report(walk, nowAsField, { right: insteadOf("NOW", walk.surroundings) });
    return;
  }
  const dot = text.indexOf(".");
  const name = text.slice(2, dot === -1 ? undefined : dot);
  if (name === "" || (dot !== -1 && badPart.test(text.slice(dot + 1)))) {
    report(walk, badFieldPath, { path: text });
    return;
  }
  if (walk.scope.has(name) || everywhere.includes(name)) return;
  if (serverVariables.has(name)) {
    if (walk.surroundings.onCluster === undefined)
      report(walk, forbiddenVariable, { variable: `$$${name}`, instead: serverVariables.get(name) });
    return;
  }
  report(walk, undefinedVariable, {
    variable: `$$${name}`,
    exists: elsewhere.get(name),
    instead: insteadOfVariable(name, walk.surroundings),
    known: [...firstCandidates(walk.scope.keys()), ...everywhere].map((known) => `$$${known}`),
  });
}
