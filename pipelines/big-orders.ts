import { defineProcessor } from "asp-toolkit";

/**
 * Reads what orders.ts writes. An order is here for as long as it is big: one that shrinks below the limit, or is cancelled and
 * leaves a tombstone without a total, is deleted again.
 */
export default defineProcessor({
  name: "big-orders",
  pipeline: [
    { $source: { connectionName: "domain", db: "shop", coll: "orders", config: { fullDocument: "updateLookup" } } },
    // A look-up finds nothing where the order has been deleted meanwhile; the change that deleted it comes next.
    { $match: { fullDocument: { $type: "object" } } },
    {
      $project: {
        _id: "$documentKey._id",
        customerId: "$fullDocument.customerId",
        total: "$fullDocument.total",
      },
    },
    {
      $merge: {
        into: { connectionName: "domain", db: "shop", coll: "big_orders" },
        whenMatched: { $cond: [{ $gte: ["$total", 1000] }, "replace", "delete"] },
        whenNotMatched: { $cond: [{ $gte: ["$total", 1000] }, "insert", "discard"] },
      },
    },
  ],
});
