import { badFieldName } from "../rules/bad-field-name.ts";
import { emptyDocument } from "../rules/empty-document.ts";
import { checkOneOperator, visitOperator } from "./check-expression.ts";
import { checkCollisions, checkProjection } from "./check-paths.ts";
import { isBadPath } from "./check-reference.ts";
import { hasDollar, report, step, toFields } from "./walk.ts";
import type { Walk } from "./walk.ts";

/** Checks a document of field paths to expressions, as `$set` and `$project` take it; a document below a path goes on with it. */
export function checkDocument(walk: Walk, value: unknown, stage: string): void {
  const fields = toFields(value);
  if (fields === undefined) return;
  for (const path in fields) {
    if (hasDollar(path) || isBadPath(path)) report(walk, badFieldName, { name: path, within: `\`${stage}\`` });
    step(walk, path, fields[path], (below) => checkBelow(walk, below, stage));
  }
  checkCollisions(walk, fields, stage);
  if (stage === "$project") checkProjection(walk, fields);
}

function checkBelow(walk: Walk, value: unknown, stage: string): void {
  const fields = toFields(value);
  if (fields === undefined) {
    walk.visit(value);
    return;
  }
  if (!checkOneOperator(walk, fields)) return;
  let count = 0;
  for (const name in fields) {
    count++;
    if (hasDollar(name)) {
      visitOperator(walk, name, fields[name]);
      return;
    }
    // `$project` takes paths at any depth; the others names.
    if (stage === "$project" ? isBadPath(name) : name === "" || name.includes(".")) {
      report(walk, badFieldName, { name, within: `\`${stage}\`` });
    }
    step(walk, name, fields[name], (below) => checkBelow(walk, below, stage));
  }
  if (count === 0) report(walk, emptyDocument, { stage });
}
