import type { Definition } from "../../src/stages/definition.ts";
import type { Consumer, OrderDocument } from "../peers/consumer.ts";
import { toStoredPipeline } from "../peers/server.ts";
import type { Contender } from "./contender.ts";
import { readPosition } from "./event-store.ts";

/** A hand-written consumer of order events, from a position that was taken before there were events. */
export function consumer(consume: (consumer: Consumer) => Promise<void>, until: number): Contender {
  return {
    prepare: async (store) => {
      const position = await readPosition(store);
      const positions = store.client.db("asp").collection<{ _id: string; position: unknown }>("positions");
      const orders = store.client.db("shop").collection<OrderDocument>("orders");
      const savePosition: Consumer["savePosition"] = async (token) => {
        const options = { upsert: true, writeConcern: { w: "majority", journal: true } } as const;
        await positions.replaceOne({ _id: "orders" }, { position: token }, options);
      };
      return () => consume({ events: store.events, orders, position, savePosition, until });
    },
  };
}

export function server(definition: Definition): Contender {
  return {
    prepare:
      async ({ events }) =>
      async () => {
        await events.aggregate([...toStoredPipeline(definition)]).toArray();
      },
  };
}
