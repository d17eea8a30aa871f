import { accumulators, expressions, queryOperators, windowOperators } from "./operator-table.ts";
import type { ByVersion } from "./operator-table.ts";

/** Operators of ASP that no server version below 8.3 has; the engine computes them itself. Source: asp-language section 1.15. */
export const aspOperators: readonly string[] = ["$currentDate", "$createUUID"];

const words = (list: string): readonly string[] => list.trim().split(/\s+/);

function toVersions(...tables: readonly ByVersion[]): ReadonlyMap<string, string> {
  const versions = new Map<string, string>();
  for (const [version, list] of tables.flatMap((table) => Object.entries(table))) {
    for (const word of words(list)) {
      const name = `$${word}`;
      const known = versions.get(name);
      if (known === undefined || isOlder(version, known)) versions.set(name, version);
    }
  }
  return versions;
}

/** Every operator of an expression, with its dollar, to the first server version that has it; "6.0" for all older ones. */
export const operatorVersions: ReadonlyMap<string, string> = toVersions(expressions, accumulators, windowOperators);

/** Arguments, each behind its operator, that came later than the operator. Source: the pages of the operators in the server's manual. */
export const argumentVersions: ReadonlyMap<string, string> = new Map([
  ["$convert.base", "8.3"],
  ...["$map", "$filter", "$reduce"].map((operator): [string, string] => [`${operator}.arrayIndexAs`, "8.3"]),
  ["$reduce.as", "8.3"],
  ["$reduce.valueAs", "8.3"],
]);

const expressionNames: ReadonlySet<string> = new Set([...toVersions(expressions).keys(), ...aspOperators]);
const accumulatorNames: ReadonlySet<string> = new Set(toVersions(accumulators).keys());
const windowNames: ReadonlySet<string> = new Set(toVersions(windowOperators).keys());
const queryNames: ReadonlySet<string> = new Set(toVersions(queryOperators).keys());

/** Where an operator may stand; `window` is `$setWindowFields`, which ASP does not have. */
export type OperatorKind = "expression" | "accumulator" | "window" | "query";

const names: Readonly<Record<OperatorKind, ReadonlySet<string>>> = {
  expression: expressionNames,
  accumulator: accumulatorNames,
  window: windowNames,
  query: queryNames,
};

/** True for an operator, with its dollar, that may stand there, whatever server runs it. */
export function isOperatorOf(kind: OperatorKind, name: string): boolean {
  return names[kind].has(name);
}

/** All operators that may stand there, with their dollar. */
export function operatorsOf(kind: OperatorKind): readonly string[] {
  return [...names[kind]];
}

/**
 * The documented operators that a mongod of this version does not have.
 *
 * @param version As the binary says: "6.0.5".
 */
export function operatorsNewerThan(version: string): readonly string[] {
  return [...operatorVersions].filter(([, needs]) => isOlder(version, needs)).map(([name]) => name);
}

/** True where `version` is before `needs`, by major and minor number. */
export function isOlder(version: string, needs: string): boolean {
  const [major = 0, minor = 0] = numbers(version);
  const [needsMajor = 0, needsMinor = 0] = numbers(needs);
  return major < needsMajor || (major === needsMajor && minor < needsMinor);
}

function numbers(version: string): readonly number[] {
  return version.split(".").map((part) => Number.parseInt(part, 10) || 0);
}
