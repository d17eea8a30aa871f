import { defineProcessor } from "asp-toolkit";

/**
 * Tells other services what happens to orders: one message an event, in the topic `order-events`. The key is the order, so that a consumer
 * group (that of a NestJS microservice, say) gets the events of one order in their order; a header tells it the type before it reads the value.
 */
export default defineProcessor({
  name: "order-events",
  pipeline: [
    { $source: { connectionName: "events", db: "shop", coll: "events", config: { fullDocumentOnly: true } } },
    {
      $project: {
        _id: 0,
        eventId: "$_id",
        orderId: "$streamId",
        version: 1,
        type: 1,
        occurredAt: 1,
        data: 1,
      },
    },
    {
      $emit: {
        connectionName: "bus",
        topic: "order-events",
        config: {
          key: "$orderId",
          keyFormat: "string",
          headers: { type: "$type" },
          outputFormat: "relaxedJson",
        },
      },
    },
  ],
});
