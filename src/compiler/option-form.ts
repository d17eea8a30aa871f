import type { Relation } from "../stages/define-stage.ts";
import { at } from "./check-relations.ts";
import { child } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { toFields } from "./expressions/walk.ts";

/** An option that stands beside the document that it belongs in. */
export interface MisplacedOption {
  readonly args: Cursor;
  readonly field: string;
  readonly under: string;
  /** Where others write a document in its place: the fields of that, to the options that hold the same. */
  readonly parts?: Readonly<Record<string, string>> | undefined;
  readonly relations?: readonly Relation[] | undefined;
}

/** The right form, with what must stand beside the option: `config: { key: "$_id", keyFormat: "string" }`. */
export function optionForm(option: MisplacedOption): string {
  const { field, under } = option;
  const values = valuesOf(option);
  const names = new Set([field, ...missingBeside(option), ...values.keys()]);
  return `${under}: { ${[...names].map((name) => `${name}: ${values.get(name) ?? "…"}`).join(", ")} }`;
}

/** What a document in place of the option says of it and others; nothing where it says anything else. */
function valuesOf({ args, field, parts = {} }: MisplacedOption): ReadonlyMap<string, string> {
  const entries = Object.entries(toFields(child(args, field).value) ?? {});
  if (entries.some(([name]) => !Object.hasOwn(parts, name))) return new Map();
  return new Map(entries.map(([name, value]) => [parts[name] ?? name, shown(value, parts[name] === field)]));
}

/** A short text as it is; one that names a field gets its dollar. */
function shown(value: unknown, isPath: boolean): string {
  if (typeof value !== "string" || value === "" || value.length > 40) return "…";
  return JSON.stringify(isPath && !value.startsWith("$") ? `$${value}` : value);
}

/** What the option needs beside it, where that is neither there nor misplaced itself. */
function missingBeside({ args, field, under, relations = [] }: MisplacedOption): readonly string[] {
  return relations.flatMap((relation) => {
    if (relation.kind !== "needs" || relation.field !== `${under}.${field}`) return [];
    const name = relation.other.slice(under.length + 1);
    const isThere = at(args, relation.other).value !== undefined || child(args, name).value !== undefined;
    return isThere || !relation.other.startsWith(`${under}.`) ? [] : [name];
  });
}
