import { defineProcessor } from "asp-toolkit";

/**
 * How late the planes of each airport are: every half hour, over the hour that it ends. A record comes in when its plane has left, so
 * the later a plane is, the later comes its record.
 */
export default defineProcessor({
  name: "flight-delays",
  pipeline: [
    {
      $source: {
        connectionName: "events",
        db: "flights",
        coll: "departures",
        // It reads the change event, whose document comes out of `$source` alone.
        timeField: { $dateFromString: { dateString: "$fullDocument.date", format: "%Y/%m/%d %H:%M" } },
        config: { fullDocumentOnly: true },
      },
    },
    {
      $hoppingWindow: {
        interval: { size: 1, unit: "hour" },
        hopSize: { size: 30, unit: "minute" },
        allowedLateness: { size: 3, unit: "hour" },
        // At night, when no plane leaves.
        idleTimeout: { size: 1, unit: "hour" },
        pipeline: [
          {
            $group: {
              _id: { from: { $meta: "stream.window.start" }, origin: "$origin" },
              flights: { $sum: 1 },
              late: { $sum: { $cond: [{ $gt: ["$delay", 15] }, 1, 0] } },
              meanDelay: { $avg: "$delay" },
              worst: { $max: "$delay" },
            },
          },
        ],
      },
    },
    { $set: { until: { $meta: "stream.window.end" } } },
    {
      $merge: {
        into: { connectionName: "domain", db: "flights", coll: "delays" },
        whenMatched: "replace",
        whenNotMatched: "insert",
      },
    },
  ],
});
