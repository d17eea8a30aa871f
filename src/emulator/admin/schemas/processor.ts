import { Type } from "@sinclair/typebox";
import type { Document } from "bson";
import { anyDocument, autoscaling, closed, hexId, name, nullable, oneOf, optional, readOnly, tier } from "./parts.ts";

const pipeline = Type.Unsafe<readonly Document[]>({ type: "array", items: { type: "object" } });
const dlq = closed({ connectionName: Type.String(), db: Type.String(), coll: Type.String() });
const scaling = optional(nullable(autoscaling));

/** `StreamsProcessor` as a client sends it. Source: asp-control-plane 1.4. */
export const processorRequest = closed({
  _id: readOnly,
  links: readOnly,
  name,
  pipeline,
  options: optional(
    closed({
      dlq: optional(Type.Union([dlq, closed({})])),
      autoscaling: scaling,
      streamMetaFieldName: optional(Type.String()),
      // A client that sends what it will send with a change, too.
      resumeFromCheckpoint: optional(Type.Boolean()),
    }),
  ),
  tier: optional(tier),
  failoverEnabled: optional(Type.Boolean()),
});

/** `StreamsModifyStreamProcessor`. */
export const processorChange = closed({
  links: readOnly,
  name: optional(name),
  pipeline: optional(pipeline),
  options: optional(
    closed({
      dlq: optional(Type.Union([dlq, closed({})])),
      autoscaling: scaling,
      resumeFromCheckpoint: optional(Type.Boolean()),
    }),
  ),
  tier: optional(tier),
  failoverEnabled: optional(Type.Boolean()),
});

/** `StreamsStartStreamProcessorWith`. */
export const startRequest = closed({
  links: readOnly,
  tier: optional(tier),
  autoscaling: scaling,
  resumeFromCheckpoint: optional(Type.Boolean()),
  startAtOperationTime: optional(Type.String()),
  failover: optional(
    closed({
      region: Type.String({ minLength: 1 }),
      mode: optional(oneOf(["GRACEFUL", "FORCED"])),
      dryRun: optional(Type.Boolean()),
      clearCheckpoint: optional(Type.Boolean()),
    }),
  ),
});

const shown = {
  _id: hexId,
  name,
  pipeline,
  options: optional(anyDocument),
  tier: optional(tier),
  failoverEnabled: optional(Type.Boolean()),
};

export const processorReply = closed(shown);

/** `StreamsProcessorWithStats`. */
export const processorWithStats = closed({
  ...shown,
  state: Type.String(),
  stats: anyDocument,
  effectiveTier: optional(tier),
  eligibleForFailover: optional(Type.Boolean()),
  errorMsg: optional(Type.String()),
});
