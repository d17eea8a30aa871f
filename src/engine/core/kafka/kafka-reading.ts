import type { Document } from "bson";
import type { KafkaSourcePlan } from "../plan-source.ts";
import type { KeyFormat } from "./key-format.ts";

/** How topics are read. Source: asp-language section 1.1.3. */
export interface KafkaReading {
  readonly topics: readonly string[];
  readonly firstPartition: number;
  readonly lastPartition: number;
  readonly reset: "earliest" | "latest";
  readonly group: string;
  /** Whether the pipeline names the group: what it has committed is where a processor without a checkpoint begins. */
  readonly hasOwnGroup: boolean;
  /** Offsets are committed as batches leave `$source`, and not with the checkpoint. */
  readonly commitsBatches: boolean;
  readonly keyFormat: Exclude<KeyFormat, "double">;
  /** A key that cannot be read is left out, and does not make a dead letter. */
  readonly dropsBadKeys: boolean;
}

const earliest: ReadonlySet<unknown> = new Set(["earliest", "beginning", "smallest"]);

export function planKafkaReading({ topics, args }: KafkaSourcePlan, processorName: string): KafkaReading {
  const config = (args["config"] ?? {}) as Document;
  const partitions = (args["partitions"] ?? {}) as Document;
  const group = config["group_id"] as string | undefined;
  return {
    topics,
    firstPartition: Number(partitions["min"] ?? 0),
    lastPartition: Number(partitions["max"] ?? Infinity),
    reset: earliest.has(config["auto_offset_reset"]) ? "earliest" : "latest",
    group: group ?? `asp-${processorName}-consumer`,
    hasOwnGroup: group !== undefined,
    commitsBatches: config["enable_auto_commit"] !== false,
    keyFormat: (config["keyFormat"] ?? "binData") as KafkaReading["keyFormat"],
    dropsBadKeys: config["keyFormatError"] === "passThrough",
  };
}
