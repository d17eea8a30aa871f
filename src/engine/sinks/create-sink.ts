import type { ProcessorPlan } from "../core/plan.ts";
import type { EngineContext } from "../engine-context.ts";
import { mayJoin } from "../may-join.ts";
import { prepareSink } from "../prepare-sink.ts";
import { createKafkaSink } from "./kafka.ts";
import { createNoSink } from "./no-sink.ts";
import { createMergeSink } from "./merge.ts";
import { createCaptureForm } from "./capture/create-capture-form.ts";
import { createCaptureSink } from "./capture/capture-sink.ts";
import { createOperatorSink } from "./operator-sink.ts";
import type { Sink } from "./sink.ts";
import { createTimeSeriesSink } from "./time-series.ts";

export interface SinkParts extends EngineContext {
  /** Whether another processor of the run reads what this one writes: it must then see each change. */
  readonly isRead: boolean;
  /** So many tables may a computed `tableName` of `$iceberg` give. */
  readonly mostIcebergTables: number;
}

const nothing = async (): Promise<void> => undefined;

/** Prepares the sink of a plan. */
export async function createSink(plan: ProcessorPlan, parts: SinkParts): Promise<Sink> {
  const { sink } = plan;
  switch (sink.kind) {
    case "merge": {
      const cluster = parts.cluster(sink.connectionName);
      const joins = !parts.isRead && (await mayJoin(sink, cluster));
      const merge = createMergeSink(sink, { cluster, joins, signal: parts.signal });
      const prepare = (): Promise<void> => prepareSink(plan.name, sink, cluster);
      return { ...merge, operator: "$merge", prepare, flush: nothing, close: nothing };
    }
    case "none":
      return createNoSink();
    case "kafka":
      return createKafkaSink(sink, parts);
    case "operator":
      return createOperatorSink(sink, parts);
    case "timeSeries":
      return createTimeSeriesSink(sink, { cluster: parts.cluster(sink.connectionName), name: plan.name });
    case "capture":
      return createCaptureSink(createCaptureForm(sink), {
        captureDir: parts.connections.captureDir,
        connectionName: sink.connectionName,
        name: plan.name,
        now: parts.now,
      });
    case "iceberg": {
      const [{ createIcebergSink }, { loadParquetWriter }] = await Promise.all([
        import("./iceberg/iceberg-sink.ts"),
        import("./iceberg/encode-parquet.ts"),
      ]);
      return createIcebergSink(sink, {
        captureDir: parts.connections.captureDir,
        name: plan.name,
        mostTables: parts.mostIcebergTables,
        encodeParquet: await loadParquetWriter(),
        now: parts.now,
      });
    }
  }
}
