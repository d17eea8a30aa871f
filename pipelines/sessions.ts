import { defineProcessor } from "asp-toolkit";

/** What each user looked at in one go: a visit ends with half an hour without a click. */
export default defineProcessor({
  name: "sessions",
  pipeline: [
    {
      $source: {
        connectionName: "events",
        db: "web",
        coll: "clicks",
        timeField: { $toDate: "$fullDocument.at" },
        config: { fullDocumentOnly: true },
      },
    },
    {
      $sessionWindow: {
        partitionBy: "$user",
        gap: { size: 30, unit: "minute" },
        allowedLateness: { size: 5, unit: "minute" },
        pipeline: [
          // Clicks may come in another order than they were made in.
          { $sort: { at: 1 } },
          { $group: { _id: null, pages: { $push: "$page" }, first: { $first: "$at" }, last: { $last: "$at" } } },
        ],
      },
    },
    {
      $project: {
        _id: { user: { $meta: "stream.window.partition" }, from: { $meta: "stream.window.start" } },
        pages: 1,
        seconds: { $dateDiff: { startDate: "$first", endDate: "$last", unit: "second" } },
      },
    },
    {
      $merge: {
        into: { connectionName: "domain", db: "web", coll: "sessions" },
        whenMatched: "replace",
        whenNotMatched: "insert",
      },
    },
  ],
});
