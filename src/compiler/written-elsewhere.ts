import type { TSchema } from "@sinclair/typebox";
import { child } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { isDocument } from "./kinds.ts";

interface Properties {
  readonly properties?: Readonly<Record<string, Properties>>;
}

/** A document, and the schema that it is checked against. */
interface Checked {
  readonly cursor: Cursor;
  readonly schema: TSchema | Properties | undefined;
}

/**
 * True where a field that is missing has only been written one level off, which is a finding already: beside the document that it
 * belongs in, in a document around it that should not be there, or the fields of the missing document without it.
 *
 * @param owner The document that misses it.
 * @param args The arguments of the whole stage.
 */
export function isWrittenElsewhere(field: string, owner: Checked, args: Checked): boolean {
  const group = propertiesOf(owner)[field]?.properties ?? {};
  const within = strays(owner).some(
    (stray) => Object.hasOwn(group, stray) || has(child(owner.cursor, stray).value, field),
  );
  return within || (owner.cursor.parent === args.cursor && strays(args).includes(field));
}

/** Fields that the schema does not have. */
function strays(checked: Checked): readonly string[] {
  const { value } = checked.cursor;
  const known = propertiesOf(checked);
  return isDocument(value) ? Object.keys(value).filter((name) => !Object.hasOwn(known, name)) : [];
}

function propertiesOf({ schema }: Checked): Readonly<Record<string, Properties>> {
  return (schema as Properties | undefined)?.properties ?? {};
}

function has(value: unknown, field: string): boolean {
  return isDocument(value) && Object.hasOwn(value, field);
}
