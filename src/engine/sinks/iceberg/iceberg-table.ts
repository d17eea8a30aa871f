import { randomUUID } from "node:crypto";
import { AspError } from "../../../diagnostics/asp-error.ts";
import { AvroError } from "../../core/avro/avro-type.ts";
import type { Columns, Row } from "../../core/iceberg/fit-document.ts";
import { mergeColumns } from "../../core/iceberg/merge-columns.ts";
import { makeSpec, type PartitionedBy, type PartitionSpec } from "../../core/iceberg/partition-spec.ts";
import type { IcebergPlan } from "../../core/iceberg/plan-iceberg.ts";
import { currentSchema, newTable, TableError, type TableMetadata } from "../../core/iceberg/table-metadata.ts";
import { createRowReader } from "../../core/iceberg/table-rows.ts";
import { commitRows, type CommitParts } from "./commit-rows.ts";
import type { StoredTable } from "./table-files.ts";

/** A table that a processor writes: what it is given is in memory until it is committed. */
export interface IcebergTable {
  /** Of the documents that wait, as BSON. */
  readonly bytes: number;
  /** Takes a document; gives the reason where the table would not. */
  take(document: Uint8Array, operation: unknown): string | undefined;
  /** Resolves once everything that was taken is part of the table, on the disk. */
  commit(): Promise<void>;
}

export interface IcebergTableOptions extends CommitParts {
  readonly plan: IcebergPlan;
  readonly partitionedBy: readonly PartitionedBy[];
  /** As messages call it. */
  readonly label: string;
  readonly location: string;
}

/** Opens a table, or what is to be one. @throws AspError ASP5205 for one that asp cannot go on with */
export async function openIcebergTable(options: IcebergTableOptions): Promise<IcebergTable> {
  const { plan, files, label, location, partitionedBy } = options;
  const read = createRowReader(plan);
  const cannot = (error: unknown): never => {
    if (!(error instanceof TableError || error instanceof AvroError)) throw error;
    throw new AspError("ASP5205", `The Iceberg table ${label} cannot be written: ${error.message}`, {
      help: "move its folder away, or write to a table of another name",
      cause: error,
    });
  };

  let stored: StoredTable | undefined = await files.load().catch(cannot);
  let columns = columnsOf(stored?.metadata);
  /** Of a table that is not there yet: known with its first row. */
  let spec: PartitionSpec | undefined;
  let rows: Row[] = [];
  let changed = new Map<string, { readonly key: unknown; readonly row: Row | undefined }>();
  let bytes = 0;

  const take = (document: Uint8Array, operation: unknown): string | undefined => {
    const change = read(document, operation, columns);
    if ("reason" in change) return change.reason;
    if (change.kind === "nothing") return undefined;
    if (change.kind !== "delete" && stored === undefined && spec === undefined) {
      const made = makeSpec(partitionedBy, change.columns.fields);
      if ("reason" in made) return made.reason;
      spec = made;
    }
    bytes += document.length;
    if (change.kind !== "delete") ({ columns } = change);
    if (change.kind === "insert") {
      rows.push(change.row);
      return undefined;
    }
    // The last change of a row counts, and stands where it came.
    changed.delete(change.key.text);
    changed.set(change.key.text, { key: change.key.value, row: change.kind === "upsert" ? change.row : undefined });
    return undefined;
  };

  const commitOnce = async (): Promise<boolean> => {
    const upserted = Array.from(changed.values(), ({ row }) => row).filter((row) => row !== undefined);
    const base = stored ?? {
      version: 0,
      metadata: newTable({ uuid: randomUUID(), location, spec: spec ?? unpartitioned }),
    };
    // A table without a row has none to delete.
    const keys = stored === undefined ? [] : Array.from(changed.values(), ({ key }) => key);
    const all = [...rows, ...upserted];
    if (all.length === 0 && keys.length === 0) return true;
    const deleted = keys.length === 0 ? undefined : { column: plan.idFieldName, keys };
    const next = await commitRows(base, { columns, rows: all, deleted }, options);
    if (next !== undefined) {
      stored = next;
      return true;
    }
    stored = await files.load();
    columns = mergeColumns(columnsOf(stored?.metadata), columns.fields);
    return false;
  };

  return {
    get bytes() {
      return bytes;
    },
    take,
    commit: async () => {
      if (rows.length === 0 && changed.size === 0) return;
      while (!(await commitOnce().catch(cannot)));
      rows = [];
      changed = new Map();
      bytes = 0;
    },
  };
}

const unpartitioned: PartitionSpec = { "spec-id": 0, fields: [] };

function columnsOf(table: TableMetadata | undefined): Columns {
  if (table === undefined) return { fields: [], lastId: 0 };
  return { fields: currentSchema(table)?.fields ?? [], lastId: table["last-column-id"] };
}
