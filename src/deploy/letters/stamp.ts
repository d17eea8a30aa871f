import { toEjson } from "../../compiler/emit/json.ts";
import { fieldOf } from "../../engine/core/exact-bson.ts";

/** How an event stands to what its read model has applied; `unguarded`: nothing is written down there. */
export type Standing = "newer" | "same" | "older" | "unguarded";

/**
 * Compares the stamp of an incoming document with that of the stored one, as the guards of projections do: `v` the version, `p` the
 * position, `s` a version for each stream.
 *
 * @param stored `_asp` of the read model; undefined where there is none
 */
export function compareStamps(incoming: unknown, stored: unknown): Standing {
  const [version, position] = [fieldOf(incoming, "v"), fieldOf(incoming, "p")];
  if (version !== undefined) return compare(numberOf(version), numberOf(fieldOf(stored, "v")));
  if (typeof position === "string") {
    const known = fieldOf(stored, "p");
    return compare(position, typeof known === "string" ? known : undefined);
  }
  const [entry] = listOf(fieldOf(incoming, "s"));
  if (entry === undefined) return "unguarded";
  const stream = toEjson(fieldOf(entry, "s"));
  const known = listOf(fieldOf(stored, "s")).find((each) => toEjson(fieldOf(each, "s")) === stream);
  return compare(numberOf(fieldOf(entry, "v")), numberOf(fieldOf(known, "v")));
}

/** The version by which events of one read model are put in order; undefined where it has none. */
export function versionIn(incoming: unknown): number | undefined {
  const [entry] = listOf(fieldOf(incoming, "s"));
  return numberOf(fieldOf(incoming, "v")) ?? numberOf(fieldOf(entry, "v"));
}

function compare<Value extends number | string>(incoming: Value | undefined, stored: Value | undefined): Standing {
  if (incoming === undefined || stored === undefined || incoming > stored) return "newer";
  return incoming < stored ? "older" : "same";
}

function numberOf(value: unknown): number | undefined {
  return value === undefined || value === null ? undefined : Number(String(value));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
