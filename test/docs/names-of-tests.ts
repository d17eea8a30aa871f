import { readFileSync } from "node:fs";

/** The names of a file's tests and groups; of those that are made from a list, as they are written. */
export function namesOf(file: string): readonly string[] {
  const text = readFileSync(file, "utf8");
  const calls =
    /\b(?:describe|test)(?:\.\w+(?:<[^>]*>)?(?:\((?:[^()]|\([^()]*\))*\))?)*\(\s*(?:"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/gu;
  const named = [...text.matchAll(calls)].map(([, quoted, template]) => quoted ?? template ?? "");
  // Of `test.each([…])("…")` with a long list.
  const ofLists = [...text.matchAll(/^\s*\]\)\(\s*"((?:[^"\\]|\\.)*)"/gmu)].map(([, quoted = ""]) => quoted);
  return [...named, ...ofLists];
}
