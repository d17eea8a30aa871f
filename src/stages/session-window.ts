import { defineStage } from "./define-stage.ts";
import { duration, fields, oneValue } from "./values.ts";
import { allowedLateness, boundary, mistakenFields, onlyEventTime, windowPipeline } from "./window-fields.ts";

/**
 * Groups documents of one partition that follow each other by less than a gap.
 *
 * @example
 * { $sessionWindow: {
 *     partitionBy: "$userId",
 *     gap: { size: 30, unit: "minute" },
 *     pipeline: [{ $group: { _id: "$userId", clicks: { $count: {} } } }],
 * } }
 */
export const $sessionWindow = defineStage({
  name: "$sessionWindow",
  role: "window",
  contexts: ["main"],
  summary: "Groups documents of one partition that follow each other by less than a gap.",
  runs: true,
  replacesDocument: true,
  args: fields(
    {
      partitionBy: oneValue("Documents with the same value belong together."),
      gap: duration("A document that comes later than this begins a new session."),
      pipeline: windowPipeline(),
      boundary: boundary(),
      allowedLateness: allowedLateness(),
    },
    {
      mistaken: {
        ...mistakenFields,
        key: "write `partitionBy`",
        interval: "write `gap`: a session has no length of its own",
        idleTimeout: "leave it out: a session window has none",
        offset: "leave it out: a session begins with its first document",
      },
    },
  ),
  relations: [onlyEventTime("allowedLateness")],
});
