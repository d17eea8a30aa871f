import { toParquetSchema } from "../../core/iceberg/parquet-schema.ts";
import type { Row } from "../../core/iceberg/fit-document.ts";
import type { TableSchema } from "../../core/iceberg/table-metadata.ts";

/** Writes rows as a Parquet file with the columns of a schema; a row has null where it has nothing. */
export type EncodeParquet = (rows: readonly Row[], schema: TableSchema) => Uint8Array;

/** Loads the writer when it is first needed, so that who has no `$iceberg` does not pay for it. */
export async function loadParquetWriter(): Promise<EncodeParquet> {
  const { parquetWriteBuffer } = await import("hyparquet-writer");
  return (rows, schema) => {
    const columnData = schema.fields.map(({ name }) => ({ name, data: rows.map((row) => row.get(name) ?? null) }));
    const bytes = parquetWriteBuffer({
      columnData,
      schema: [...toParquetSchema(schema.fields)],
      rowGroupSize: rowsPerGroup,
      // Of Iceberg's own writers: with it a reader need not ask the table which columns a file has.
      kvMetadata: [{ key: "iceberg.schema", value: JSON.stringify(schema) }],
      createdBy: "asp",
    });
    return new Uint8Array(bytes);
  };
}

const rowsPerGroup = 100_000;
