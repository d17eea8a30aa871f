import { Decimal128, defineProjection, Long, ObjectId, remove } from "asp-toolkit";
import type { ProjectionValue, ReferenceTo } from "asp-toolkit";
import { expectTypeOf, test } from "vitest";

interface Line {
  sku: string;
  quantity: number;
}
interface OrderView {
  status: "new" | "placed" | "paid";
  customerId: string;
  items: number;
  total: number;
  note?: string;
  nickname: string | null;
  lines: Line[];
  tags: string[];
  address?: { city: string; zip?: string; geo: { lat: number } };
  counters: Record<string, number>;
  paidAt?: Date;
  balance: Decimal128;
  owner: ObjectId;
  sequence: Long;
  open: boolean;
}
type OrderEvent =
  | {
      type: "OrderPlaced";
      data: { customerId: string; note?: string; address: { city: string; geo: { lat: number } }; owner: ObjectId };
    }
  | { type: "ItemAdded"; data: { quantity: number; price: number; name: string; "unit.price": number; lines: Line[] } }
  | { type: "OrderPaid"; data: { amount: Decimal128; sequence: Long; at: Date } }
  | { type: "OrderCancelled"; data: { reason: string } };

const options = { name: "orders", into: { connectionName: "domain", db: "shop", coll: "orders" } } as const;

/** One handler of each event, so that a case says only what it is about. */
function on(handlers: Parameters<typeof defineProjection<OrderView, OrderEvent>>[0]["on"]): ProjectionValue {
  return defineProjection<OrderView, OrderEvent>({ ...options, on: handlers });
}

test("handlers take typed references and return values, references and expressions", () => {
  const projection = defineProjection<OrderView, OrderEvent>({
    ...options,
    initial: { status: "new", items: 0, total: 0 },
    on: {
      OrderPlaced: ({ data, time, stream }) => ({
        status: "placed",
        customerId: data.customerId,
        note: data.note,
        address: { city: data.address.city, geo: { lat: { $add: [data.address.geo.lat, 1] } } },
        "address.zip": "1011",
        "address.geo.lat": data.address.geo.lat,
        "counters.orders": 1,
        nickname: null,
        owner: data.owner,
        paidAt: time,
        tags: [stream, "a", { $concat: ["b", data.customerId] }],
      }),
      ItemAdded: ({ data }, view) => ({
        items: { $add: [view.items, data.quantity] },
        total: { $cond: [{ $gt: [view.total, 5] }, { $multiply: [data.quantity, data.price] }, 0] },
        lines: { $concatArrays: [view.lines, [{ sku: data.name, quantity: data["unit.price"] }]] },
        tags: { $filter: { input: view.tags, as: "tag", cond: { $ne: ["$$tag", data.name] } } },
        open: { $in: [data.name, view.tags] },
        note: { $concat: [{ $ifNull: [view.note, ""] }, "x"] },
        status: { $switch: { branches: [{ case: { $eq: [view.items, 1] }, then: "paid" }], default: view.status } },
        customerId: { $someFutureOperator: [view.customerId] },
      }),
      OrderPaid: ({ data }) => ({ balance: data.amount, sequence: data.sequence, paidAt: data.at, note: "$$REMOVE" }),
      OrderCancelled: () => remove(),
    },
  });
  expectTypeOf(projection).toEqualTypeOf<ProjectionValue>();
});

test("references know their values, and that a part of an optional object may be missing", () => {
  on({
    ItemAdded: ({ data, id, version, time, type }, view) => {
      expectTypeOf(data.price).toExtend<ReferenceTo<number>>();
      expectTypeOf(version).toExtend<ReferenceTo<number>>();
      expectTypeOf(time).toExtend<ReferenceTo<Date>>();
      expectTypeOf(type).toExtend<ReferenceTo<"ItemAdded">>();
      expectTypeOf(view.address.city).toExtend<ReferenceTo<string | undefined>>();
      expectTypeOf(view.address.city).not.toExtend<ReferenceTo<string>>();
      expectTypeOf(view.balance).toExtend<ReferenceTo<Decimal128>>();
      return { customerId: id };
    },
  });
});

test("the key sees the parts that all events have", () => {
  defineProjection<OrderView, OrderEvent>({ ...options, key: ({ stream }) => stream, on: {} });
  // @ts-expect-error not every event has a customer
  defineProjection<OrderView, OrderEvent>({ ...options, key: ({ data }) => data.customerId, on: {} });
});

test("the handler of the rest sees what its events have in common", () => {
  type Rest = Exclude<OrderEvent, { type: "ItemAdded" | "OrderPaid" | "OrderCancelled" }>;
  defineProjection<OrderView, OrderEvent, Rest>({
    ...options,
    on: { "*": ({ data }) => ({ customerId: data.customerId }) },
  });
  // @ts-expect-error not every event has a customer
  on({ "*": ({ data }) => ({ customerId: data.customerId }) });
});

test("a field that the event does not have is an error", () => {
  // @ts-expect-error misspelt
  on({ ItemAdded: ({ data }) => ({ items: data.quantty }) });
  // @ts-expect-error misspelt below an object
  on({ OrderPlaced: ({ data }) => ({ customerId: data.address.ctiy }) });
  // @ts-expect-error a field of another event
  on({ OrderPlaced: ({ data }) => ({ items: data.quantity }) });
  // @ts-expect-error no such part of the envelope
  on({ OrderPlaced: ({ streamId }) => ({ customerId: streamId }) });
  // @ts-expect-error misspelt, in an operand
  on({ ItemAdded: ({ data }, view) => ({ items: { $add: [view.items, data.quantty] } }) });
  // @ts-expect-error the read model has no such field
  on({ ItemAdded: (_, view) => ({ items: view.itmes }) });
});

test("an event type that is not in the union is an error", () => {
  // @ts-expect-error misspelt
  on({ OrderPlacd: () => ({ status: "placed" }) });
});

test("a value of the wrong type is an error", () => {
  // @ts-expect-error a text for a number
  on({ ItemAdded: () => ({ items: "three" }) });
  // @ts-expect-error not one of the texts
  on({ ItemAdded: () => ({ status: "plcaed" }) });
  // @ts-expect-error a number's reference for a text
  on({ ItemAdded: ({ data }) => ({ customerId: data.price }) });
  // @ts-expect-error the note may be missing
  on({ OrderPlaced: ({ data }) => ({ customerId: data.note }) });
  // @ts-expect-error a number for a text
  on({ ItemAdded: ({ data }) => ({ customerId: { $add: [data.quantity, 1] } }) });
  // @ts-expect-error a text for a number
  on({ ItemAdded: ({ data }) => ({ total: { $concat: [data.name, "x"] } }) });
  // @ts-expect-error an array for a number
  on({ ItemAdded: (_, view) => ({ total: { $concatArrays: [view.lines, []] } }) });
  // @ts-expect-error a size for an array
  on({ ItemAdded: (_, view) => ({ lines: { $size: view.lines } }) });
  // @ts-expect-error one of the branches is a text
  on({ ItemAdded: (_, view) => ({ total: { $cond: [view.open, 1, "x"] } }) });
  // @ts-expect-error a text cannot be added
  on({ ItemAdded: ({ data }, view) => ({ total: { $add: [view.total, data.name] } }) });
  // @ts-expect-error a number inside an object
  on({ OrderPlaced: ({ data }) => ({ address: { city: 5, geo: { lat: data.address.geo.lat } } }) });
  // @ts-expect-error a text at the end of a dotted path
  on({ OrderPlaced: () => ({ "address.geo.lat": "north" }) });
  // @ts-expect-error a number for a Decimal128
  on({ OrderPaid: () => ({ balance: 5 }) });
  // @ts-expect-error a Decimal128 for a number
  on({ OrderPaid: ({ data }) => ({ total: data.amount }) });
  // @ts-expect-error a text for a date
  on({ OrderPaid: () => ({ paidAt: "today" }) });
  // @ts-expect-error a required field cannot be removed
  on({ OrderPaid: () => ({ paidAt: new Date(0), total: "$$REMOVE" }) });
  // @ts-expect-error of the wrong type before the first event
  defineProjection<OrderView, OrderEvent>({ ...options, initial: { items: "none" }, on: {} });
  // @ts-expect-error a raw field path where a number is expected
  on({ ItemAdded: () => ({ items: "$items" }) });
  // @ts-expect-error a raw field path as an operand
  on({ ItemAdded: (_, view) => ({ items: { $add: [view.items, "$quantity"] } }) });
});

test("a handler none of whose fields are the read model's is an error", () => {
  // @ts-expect-error misspelt
  defineProjection<{ items: number }, OrderEvent>({ ...options, on: { ItemAdded: () => ({ itmes: 1 }) } });
});

test("a reference used as a JavaScript value is an error", () => {
  // @ts-expect-error arithmetic
  on({ ItemAdded: ({ data }) => ({ items: data.quantity * 2 }) });
  // @ts-expect-error arithmetic
  on({ ItemAdded: ({ data }, view) => ({ items: view.items + data.quantity }) });
  // @ts-expect-error never equal
  on({ ItemAdded: (_, view) => ({ items: view.status === "paid" ? 1 : 2 }) });
  // @ts-expect-error always true
  on({ ItemAdded: (_, view) => ({ items: view.open ? 1 : 2 }) });
  on({
    ItemAdded: (_, view) => {
      // @ts-expect-error always true
      if (view.open) return { items: 1 };
      return { items: 2 };
    },
  });
  // @ts-expect-error a text, not a reference
  on({ ItemAdded: ({ data }) => ({ items: `${data.quantity}` }) });
  // @ts-expect-error not a text
  on({ ItemAdded: ({ data }) => ({ customerId: data.name.toUpperCase() }) });
  // @ts-expect-error not an array
  on({ ItemAdded: ({ data }) => ({ tags: [...data.lines] }) });
  // @ts-expect-error not a number
  on({ ItemAdded: ({ data }) => ({ items: data.quantity > 3 ? 1 : 2 }) });
});

test("options are checked", () => {
  // @ts-expect-error no such guard
  defineProjection<OrderView, OrderEvent>({ ...options, guard: "versoin", on: {} });
  // @ts-expect-error no such option
  defineProjection<OrderView, OrderEvent>({ ...options, gaurd: "version", on: {} });
  // @ts-expect-error `into` needs a collection
  defineProjection<OrderView, OrderEvent>({ name: "orders", into: { connectionName: "domain", db: "shop" }, on: {} });
  // @ts-expect-error the envelope has no such part
  defineProjection<OrderView, OrderEvent>({ ...options, source: { envelope: { streem: "a" } }, on: {} });
});

test("without type arguments every reference and every field goes", () => {
  defineProjection({
    ...options,
    initial: { anything: 1 },
    key: ({ data }) => data.customer.id,
    on: { Whatever: ({ data }, view) => ({ total: { $add: [view.total, data.a.b] }, "x.y": data.z }) },
  });
});
