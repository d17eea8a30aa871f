import { assembleDocument, createFieldFinder } from "../bson-fields.ts";
import { fitDocument, type Columns, type Row } from "./fit-document.ts";
import { nameOfIceberg, type IcebergField } from "./iceberg-type.ts";
import type { IcebergPlan } from "./plan-iceberg.ts";

/** What a document does to a table. */
export type RowChange =
  | { readonly kind: "insert"; readonly row: Row; readonly columns: Columns }
  | { readonly kind: "upsert"; readonly key: RowKey; readonly row: Row; readonly columns: Columns }
  | { readonly kind: "delete"; readonly key: RowKey }
  | { readonly kind: "nothing" };

/** The key of a row, also as a text that no other key has. */
export interface RowKey {
  readonly value: unknown;
  readonly text: string;
}

type ChangeOrReason = RowChange | { readonly reason: string };

/**
 * A function that says what a document does to a table: in `insert` mode it is a new row; in `cdc` mode the operation of the change
 * that it came from decides, and a document that came from none is as one that was inserted.
 */
export function createRowReader(
  plan: Pick<IcebergPlan, "mode" | "idFieldName" | "inference">,
): (document: Uint8Array, operation: unknown, columns: Columns) => ChangeOrReason {
  const { mode, idFieldName, inference } = plan;
  const findId = createFieldFinder(idFieldName);

  const keyOf = (row: Row, fields: readonly IcebergField[]): RowKey | { readonly reason: string } => {
    const value = row.get(idFieldName);
    const type = fields.find(({ name }) => name === idFieldName)?.type;
    if (value === undefined || type === undefined) {
      return { reason: `\`${idFieldName}\` is missing: in \`cdc\` mode it is the key of a row` };
    }
    // A struct or a list is no value to compare, and the specification leaves floating point out.
    if (typeof type !== "string" || type === "double") {
      return { reason: `\`${idFieldName}\` is ${nameOfIceberg(type)}, which cannot be the key of a row` };
    }
    const text = value instanceof Uint8Array ? Array.from(value).join(",") : String(value);
    return { value, text };
  };

  const toDelete = (document: Uint8Array, columns: Columns): ChangeOrReason => {
    // What never had a row with a key has none to delete.
    if (!columns.fields.some(({ name }) => name === idFieldName)) return { kind: "nothing" };
    const found = findId(document);
    const only = assembleDocument(...(found === undefined ? [] : [document.subarray(found.start, found.end)]));
    const fitted = fitDocument(only, columns, inference);
    if ("reason" in fitted) return fitted;
    const key = keyOf(fitted.row, fitted.columns.fields);
    return "reason" in key ? key : { kind: "delete", key };
  };

  return (document, operation, columns) => {
    if (mode === "cdc" && operation === "delete") return toDelete(document, columns);
    if (mode === "cdc" && !upserts.has(operation)) {
      return { reason: `an event \`${String(operation)}\` is no change of a row` };
    }
    const fitted = fitDocument(document, columns, inference);
    if ("reason" in fitted) return fitted;
    const { fields } = fitted.columns;
    if (fields.length === 0) return { reason: "no field of the document has a value that makes a column" };
    const missing = fields.find(({ name, required }) => required && !fitted.row.has(name));
    if (missing !== undefined) return { reason: `\`${missing.name}\` is missing, and its column is required` };
    if (mode === "insert") return { kind: "insert", ...fitted };
    const key = keyOf(fitted.row, fields);
    return "reason" in key ? key : { kind: "upsert", key, ...fitted };
  };
}

const upserts: ReadonlySet<unknown> = new Set([undefined, null, "insert", "update", "replace"]);
