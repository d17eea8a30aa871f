import { checkRegistryName, strangeName } from "../../config/registry-name.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { atOf, child } from "../cursor.ts";
import type { WholeProcessor } from "../own-stages.ts";

/** Says that the service will not like a processor's name, where it is to get there: the emulator takes every name. */
export function checkProcessorName({ root, environment }: WholeProcessor): readonly Finding[] {
  const name = child(root, "name");
  if (environment.target === "emulator" || typeof name.value !== "string" || name.value.trim() === "") return [];
  const strange = checkRegistryName("processor", name.value);
  return strange === undefined ? [] : [strangeName(atOf(name), strange)];
}
