import { defineStage } from "./define-stage.ts";
import { fields } from "./values.ts";
import {
  allowedLateness,
  boundary,
  idleTimeout,
  interval,
  mistakenFields,
  onlyEventTime,
  windowOffset,
  windowPipeline,
} from "./window-fields.ts";

/**
 * Cuts the stream into back-to-back windows of equal length. Each document belongs to exactly one.
 *
 * @example
 * { $tumblingWindow: {
 *     interval: { size: 1, unit: "minute" },
 *     pipeline: [{ $group: { _id: "$sku", sold: { $sum: "$quantity" } } }],
 * } }
 */
export const $tumblingWindow = defineStage({
  name: "$tumblingWindow",
  role: "window",
  contexts: ["main"],
  summary: "Cuts the stream into back-to-back windows of equal length.",
  runs: true,
  replacesDocument: true,
  args: fields(
    {
      interval: interval(),
      pipeline: windowPipeline(),
      boundary: boundary(),
      offset: windowOffset(),
      idleTimeout: idleTimeout(),
      allowedLateness: allowedLateness(),
    },
    { mistaken: { ...mistakenFields, hopSize: "use `$hoppingWindow`, which has it" } },
  ),
  relations: [onlyEventTime("idleTimeout"), onlyEventTime("allowedLateness")],
});
