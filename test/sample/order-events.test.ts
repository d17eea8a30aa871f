import { expect, test } from "vitest";
import { orderEvents } from "../replays/burst/order-events.ts";
import type { Burst, StoredEvent } from "../replays/burst/order-events.ts";

const burst: Burst = { events: 5_000, orders: 500, arrival: "round-robin", seed: 1 };

test("the same seed gives the same events, another seed others", () => {
  expect([...orderEvents(burst)]).toEqual([...orderEvents(burst)]);
  expect([...orderEvents(burst)]).not.toEqual([...orderEvents({ ...burst, seed: 2 })]);
});

test.each(["round-robin", "hot-keys"] as const)("every order has versions without a gap: %s", (arrival) => {
  const events = [...orderEvents({ ...burst, arrival })];
  for (const ofOrder of byStream(events).values()) {
    expect(ofOrder.map(({ version }) => version)).toEqual(ofOrder.map((_, index) => index + 1));
    expect(ofOrder[0]?.type).toBe("OrderPlaced");
  }
});

test("an event after a cancellation places the order again", () => {
  const last = new Map<string, StoredEvent>();
  let cancelled = 0;
  for (const event of orderEvents({ ...burst, events: 20_000 })) {
    if (last.get(event.streamId)?.type === "OrderCancelled") {
      cancelled += 1;
      expect(event.type).toBe("OrderPlaced");
    }
    last.set(event.streamId, event);
  }
  expect(cancelled).toBeGreaterThan(0);
});

test("round robin brings each order once before any of them again, hot keys some much more often", () => {
  const streams = [...orderEvents(burst)].slice(0, 500).map(({ streamId }) => streamId);
  expect(new Set(streams).size).toBe(500);
  const counts = byStream(orderEvents({ ...burst, arrival: "hot-keys" }));
  expect(Math.max(...[...counts.values()].map((events) => events.length))).toBeGreaterThan(20);
});

function byStream(events: Iterable<StoredEvent>): ReadonlyMap<string, readonly StoredEvent[]> {
  const streams = new Map<string, StoredEvent[]>();
  for (const event of events) streams.set(event.streamId, [...(streams.get(event.streamId) ?? []), event]);
  return streams;
}
