import { suggest } from "../../diagnostics/suggest.ts";
import type { Surroundings } from "./walk.ts";

/** Variables of the server that ASP does not have, and what there is instead. Source: asp-language section 2. */
export const serverVariables: ReadonlyMap<string, string | undefined> = new Map([
  ["NOW", "use `{ $currentDate: {} }`, or the event's own time"],
  ["CLUSTER_TIME", "use the event's own time"],
  ["USER_ROLES", undefined],
  ["SEARCH_META", undefined],
]);

const names: readonly string[] = [...serverVariables.keys()];

/** What to write for a variable of the server that is spelt in another way: `$$now`, `$$clusterTime`, `$$NWO`. Undefined for other names. */
export function insteadOfVariable(name: string, surroundings: Surroundings): string | undefined {
  const meant = sameLetters(name) ?? (name === name.toUpperCase() ? suggest(name, names) : undefined);
  return meant === undefined ? undefined : insteadOf(meant, surroundings);
}

/** What to write for a variable of the server that is used as an operator: `{ $now: {} }`. Undefined for other names. */
export function insteadOfOperator(name: string, surroundings: Surroundings): string | undefined {
  const meant = sameLetters(name.replace(/^\$+/u, ""));
  return meant === undefined ? undefined : insteadOf(meant, surroundings);
}

/** What to write for a variable of the server: the cluster has them all. */
export function insteadOf(variable: string, { onCluster }: Surroundings): string | undefined {
  return onCluster === undefined ? serverVariables.get(variable) : `write \`$$${variable}\``;
}

function sameLetters(name: string): string | undefined {
  const plain = (word: string): string => word.replaceAll("_", "").toUpperCase();
  return names.find((each) => plain(each) === plain(name));
}
