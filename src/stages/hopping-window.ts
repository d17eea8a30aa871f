import { defineStage } from "./define-stage.ts";
import { duration, fields } from "./values.ts";
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
 * Opens a window of equal length at each hop: overlapping ones where the hop is shorter than the interval, with gaps where it is longer.
 *
 * @example
 * { $hoppingWindow: {
 *     interval: { size: 1, unit: "hour" },
 *     hopSize: { size: 5, unit: "minute" },
 *     pipeline: [{ $group: { _id: "$origin", flights: { $count: {} } } }],
 * } }
 */
export const $hoppingWindow = defineStage({
  name: "$hoppingWindow",
  role: "window",
  contexts: ["main"],
  summary: "Opens a window of equal length at each hop.",
  runs: true,
  replacesDocument: true,
  args: fields(
    {
      interval: interval(),
      hopSize: duration("From the start of one window to the start of the next."),
      pipeline: windowPipeline(),
      boundary: boundary(),
      offset: windowOffset(),
      idleTimeout: idleTimeout(),
      allowedLateness: allowedLateness(),
    },
    { mistaken: { ...mistakenFields, hop: "write `hopSize`" } },
  ),
  relations: [onlyEventTime("idleTimeout"), onlyEventTime("allowedLateness")],
});
