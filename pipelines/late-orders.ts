import { defineProcessor } from "asp-toolkit";

/**
 * Deliveries that came later than promised, each beside its order as it is when the delivery comes: `$lookup` reads the read model of
 * orders.ts over another connection than that of the source.
 */
export default defineProcessor({
  name: "late-orders",
  pipeline: [
    { $source: { connectionName: "events", db: "shop", coll: "deliveries", config: { fullDocumentOnly: true } } },
    { $match: { $expr: { $gt: ["$deliveredAt", "$promisedAt"] } } },
    {
      $lookup: {
        from: { connectionName: "domain", db: "shop", coll: "orders" },
        localField: "orderId",
        foreignField: "_id",
        as: "order",
      },
    },
    // A delivery of an order that is not there (any more) is nobody's to apologize for.
    { $unwind: "$order" },
    {
      $project: {
        _id: "$orderId",
        customerId: "$order.customerId",
        total: "$order.total",
        hours: { $dateDiff: { startDate: "$promisedAt", endDate: "$deliveredAt", unit: "hour" } },
      },
    },
    {
      $merge: {
        into: { connectionName: "domain", db: "shop", coll: "late_orders" },
        whenMatched: "replace",
        whenNotMatched: "insert",
      },
    },
  ],
});
