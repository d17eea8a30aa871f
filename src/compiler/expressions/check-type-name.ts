import { typeMeant } from "../../expressions/bson-types.ts";
import { unknownWord } from "../rules/unknown-word.ts";
import { report } from "./walk.ts";
import type { Walk } from "./walk.ts";

/** Checks the name of a type against those that there are. */
export function checkTypeName(walk: Walk, what: string, name: string, names: readonly string[]): void {
  if (names.includes(name)) return;
  const meant = typeMeant(name, names);
  report(walk, unknownWord, {
    ...{ what, found: name, words: names },
    right: meant === undefined ? undefined : `write \`${meant}\``,
  });
}
