import type { Document } from "bson";
import { computedOptions } from "../computed-text.ts";
import type { IcebergPlan } from "./plan-iceberg.ts";

/** What each document answers for itself: the name of its table, and in `cdc` mode the operation of the change that it came from. */
export function icebergExpressions({ tableName, mode }: IcebergPlan): Document | undefined {
  return computedOptions({ tableName, ...(mode === "cdc" && { operation: { $meta: "stream.source.operationType" } }) });
}
