import { defineProcessor } from "asp-toolkit";

/** A plain processor: its pipeline is MQL and pastes to and from mongosh. */
export default defineProcessor({
  name: "large-payments",
  pipeline: [
    { $source: { connectionName: "events", db: "shop", coll: "events", config: { fullDocumentOnly: true } } },
    { $match: { type: "PaymentReceived", "data.amount": { $gte: 1000 } } },
    { $project: { orderId: "$streamId", customerId: "$data.customerId", amount: "$data.amount", at: "$occurredAt" } },
    { $merge: { into: { connectionName: "domain", db: "shop", coll: "large_payments" } } },
  ],
});
