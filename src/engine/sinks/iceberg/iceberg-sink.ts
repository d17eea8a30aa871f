import { join } from "node:path";
import { toCaptureFolder, toSegment } from "../../core/capture-path.ts";
import { textReader } from "../../core/computed-text.ts";
import { createDynamicTargets } from "../../core/dynamic-targets.ts";
import { fieldOf } from "../../core/exact-bson.ts";
import { partsOfPlan, type IcebergPlan } from "../../core/iceberg/plan-iceberg.ts";
import { isLiteralText } from "../../core/plan-sink.ts";
import { keepFolder } from "../capture/write-file.ts";
import { onDisk } from "../on-disk.ts";
import type { Sink, SinkRefusal } from "../sink.ts";
import type { EncodeParquet } from "./encode-parquet.ts";
import { openIcebergTable, type IcebergTable } from "./iceberg-table.ts";
import { createTableFiles } from "./table-files.ts";

export interface IcebergSinkOptions {
  /** Where the output of all connections goes. */
  readonly captureDir: string;
  /** Of the processor. */
  readonly name: string;
  /** So many tables may a computed `tableName` give. */
  readonly mostTables: number;
  readonly encodeParquet: EncodeParquet;
  /** Engine time, in milliseconds since the epoch. */
  readonly now: () => number;
}

/** A document on its way to a table. */
interface IcebergTarget {
  readonly table: string;
  readonly document: Uint8Array;
  readonly operation: unknown;
}

type TargetOrReason = IcebergTarget | { readonly reason: string };

/** So many bytes of BSON may wait for a checkpoint, in all tables together. */
const mostWaiting = 16 * 1024 * 1024;

/** Writes Iceberg tables below the capture folder: a snapshot of each with every checkpoint, or when enough waits for one. */
export function createIcebergSink(plan: IcebergPlan, options: IcebergSinkOptions): Sink<TargetOrReason> {
  if (options.captureDir === "") throw new Error(`there is no folder for the captured output of ${options.name}`);
  const dir = join(options.captureDir, toSegment(plan.connectionName));
  const readTable = textReader("$iceberg", "tableName", plan.tableName);
  const constant = isLiteralText(plan.tableName) ? plan.tableName : undefined;
  const dynamicTargets = createDynamicTargets("$iceberg", options.mostTables);
  const tables = new Map<string, IcebergTable>();
  const disk = { name: options.name, dir };

  const open = async (table: string): Promise<IcebergTable> => {
    const known = tables.get(table);
    if (known !== undefined) return known;
    const place = placeOf(plan, table);
    if ("reason" in place) throw new Error(`a table that cannot be was taken: ${place.reason}`);
    const files = createTableFiles({
      dir: join(dir, place.folder),
      location: place.location,
      writer: toSegment(options.name),
    });
    const opened = await openIcebergTable({
      plan,
      partitionedBy: partsOfPlan(options.name, plan),
      files,
      label: `${plan.databaseName}.${table}`,
      location: place.location,
      encodeParquet: options.encodeParquet,
      now: options.now,
    });
    tables.set(table, opened);
    return opened;
  };
  const commitAll = async (): Promise<void> => {
    for (const table of tables.values()) await table.commit();
  };

  return {
    operator: "$iceberg",
    prepare: () =>
      onDisk(disk, async () => {
        partsOfPlan(options.name, plan);
        await keepFolder(dir);
        if (constant !== undefined) await open(constant);
      }),
    resolve: (documents) =>
      documents.map(({ document, values }) => {
        const table = readTable(values);
        if ("reason" in table) return table;
        const place = placeOf(plan, table.text);
        if ("reason" in place) return place;
        if (constant === undefined) dynamicTargets.add(table.text);
        return { table: table.text, document, operation: fieldOf(values, "operation") };
      }),
    write: (targets) =>
      onDisk(disk, async () => {
        const refusals: SinkRefusal[] = [];
        for (const [position, target] of targets.entries()) {
          const reason =
            "reason" in target ? target.reason : (await open(target.table)).take(target.document, target.operation);
          if (reason !== undefined) refusals.push({ position, reason });
        }
        const waiting = [...tables.values()].reduce((sum, { bytes }) => sum + bytes, 0);
        if (waiting >= mostWaiting) await commitAll();
        return refusals;
      }),
    flush: () => onDisk(disk, commitAll),
    close: async ({ killed }) => {
      if (!killed) await onDisk(disk, commitAll);
    },
  };
}

/** Where a table is on this machine, below its connection's folder, and where it would be in the bucket. */
function placeOf(
  { bucket, path, databaseName }: IcebergPlan,
  table: string,
): { readonly folder: string; readonly location: string } | { readonly reason: string } {
  const found = toCaptureFolder(bucket, path, databaseName, table);
  if ("reason" in found) return found;
  const names = [bucket, ...path.split("/"), databaseName, table].filter((name) => name !== "");
  return { folder: found.folder, location: `s3://${names.join("/")}` };
}
