import type { OrderEvent } from "../../../pipelines/events.ts";

/** An event as it is stored, in the envelope of atlas.config.yaml. */
export type StoredEvent = OrderEvent & {
  readonly _id: string;
  readonly streamId: string;
  readonly version: number;
  readonly occurredAt: Date;
};

export interface Burst {
  readonly events: number;
  /** How many orders they are about. */
  readonly orders: number;
  /**
   * `round-robin`: one event of each order in turn. `hot-keys`: an order is drawn for each event, a few of them most of the time.
   */
  readonly arrival: "round-robin" | "hot-keys";
  readonly seed: number;
}

/** Events of a busy hour, one by one: the same ones for the same seed. */
export function* orderEvents({ events, orders, arrival, seed }: Burst): Generator<StoredEvent> {
  const random = createRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const state = Array.from({ length: orders }, (_, index) => ({
    customerId: `customer-${below(Math.max(1, orders / 5))}`,
    streamId: `order-${index}`,
    version: 0,
    owed: 0,
    isCancelled: false,
  }));
  const pick = (index: number): number =>
    arrival === "round-robin" ? index % orders : Math.min(below(orders), below(orders), below(orders));
  for (let index = 0; index < events; index += 1) {
    const order = state[pick(index)] as (typeof state)[number];
    order.version += 1;
    yield {
      _id: `event-${index}`,
      streamId: order.streamId,
      version: order.version,
      ...nextEvent(order, below),
      occurredAt: new Date(startsAt + index * 72),
    };
  }
}

const startsAt = Date.UTC(2026, 10, 27, 20);

interface OrderState {
  readonly customerId: string;
  readonly version: number;
  owed: number;
  isCancelled: boolean;
}

/** Placed first (again after a cancellation), then mostly items, now and then a payment; one of 200 is a cancellation. */
function nextEvent(order: OrderState, below: (limit: number) => number): OrderEvent {
  const { customerId } = order;
  if (order.version === 1 || order.isCancelled) {
    order.isCancelled = false;
    order.owed = 0;
    return { type: "OrderPlaced", data: { customerId } };
  }
  const dice = below(200);
  if (dice === 0) {
    order.isCancelled = true;
    return { type: "OrderCancelled", data: { customerId, reason: "changed their mind" } };
  }
  if (dice <= 40 && order.owed > 0) {
    const amount = order.owed;
    order.owed = 0;
    return { type: "PaymentReceived", data: { customerId, amount } };
  }
  const item = { sku: `sku-${below(500)}`, quantity: 1 + below(3), price: 5 + below(400) / 2 };
  order.owed += item.quantity * item.price;
  return { type: "ItemAdded", data: { customerId, ...item } };
}

/** Numbers from 0 to 1, the same ones for the same seed: mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
