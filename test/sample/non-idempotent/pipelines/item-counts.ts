import { defineProcessor } from "asp-toolkit";

/** Not idempotent on purpose: nothing tells an event that comes again from a new one. A projection would. */
export default defineProcessor({
  name: "item-counts",
  pipeline: [
    { $source: { connectionName: "events", db: "shop", coll: "events", config: { fullDocumentOnly: true } } },
    { $match: { type: "ItemAdded" } },
    { $project: { _id: "$data.sku", sold: "$data.quantity" } },
    {
      $merge: {
        into: { connectionName: "domain", db: "shop", coll: "item_counts" },
        whenMatched: [{ $set: { sold: { $add: ["$sold", "$$new.sold"] } } }],
      },
    },
  ],
});
