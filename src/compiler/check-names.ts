import type { Finding } from "../diagnostics/finding.ts";
import { atOf, child } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import type { DescribedValue } from "./described-values.ts";
import { illegalName } from "./rules/illegal-name.ts";

/** Checks literal names of databases and collections against what the server accepts as a name. */
export function checkNames({ schema, cursor }: DescribedValue): readonly Finding[] {
  const { value } = cursor;
  switch (schema.asp) {
    case "database":
      return checkName(cursor, "a database", whyNoDatabase);
    case "collection":
      return checkName(cursor, "a collection", whyNoCollection);
    case "collections":
      if (!Array.isArray(value)) return checkName(cursor, "a collection", whyNoCollection);
      return value.flatMap((_, index) => checkName(child(cursor, index), "a collection", whyNoCollection));
    case "computedDatabase":
      return isComputed(value) ? [] : checkName(cursor, "a database", whyNoDatabase);
    case "computedCollection":
      return isComputed(value) ? [] : checkName(cursor, "a collection", whyNoCollection);
    default:
      return [];
  }
}

/** A text that begins with a dollar is a field path or a variable where an expression may stand. */
export function isComputed(value: unknown): boolean {
  return typeof value !== "string" || value.startsWith("$");
}

function checkName(cursor: Cursor, what: string, why: (name: string) => string | undefined): readonly Finding[] {
  const name = cursor.value;
  const reason = typeof name === "string" && name !== "" ? why(name) : undefined;
  return reason === undefined ? [] : [illegalName(atOf(cursor), { what, name: String(name), reason })];
}

// Both rules are those of "Naming Restrictions" in the server's manual.

function whyNoDatabase(name: string): string | undefined {
  if (name.startsWith("$")) return "it must be a literal name here, not an expression";
  const [character] = /[/\\. "$\0]/.exec(name) ?? [];
  if (character !== undefined) return `a database's name cannot hold ${character === "\0" ? "NUL" : `"${character}"`}`;
  return new TextEncoder().encode(name).length > 63 ? "a database's name takes at most 63 bytes" : undefined;
}

function whyNoCollection(name: string): string | undefined {
  if (name.startsWith("$")) return "it must be a literal name here, not an expression";
  if (name.includes("\0")) return "a collection's name cannot hold NUL";
  if (name.startsWith(".") || name.endsWith(".")) return "a collection's name cannot begin or end with a dot";
  return name.startsWith("system.") ? "names that begin with system. are the server's own" : undefined;
}
