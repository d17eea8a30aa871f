import type { CustomerView, OrderView } from "../../pipelines/events.ts";
import type { StoredEvent } from "../replays/burst/order-events.ts";

// The read models of pipelines/orders.ts, customers.ts and large-payments.ts once more, folded by plain JavaScript and sharing nothing
// with those but their meaning.

export function foldOrders(events: Iterable<StoredEvent>): ReadonlyMap<string, OrderView> {
  const orders = new Map<string, OrderView>();
  for (const event of events) {
    const { streamId, occurredAt } = event;
    const order = orders.get(streamId) ?? { status: "new", items: 0, total: 0, paid: 0 };
    orders.set(streamId, order);
    switch (event.type) {
      case "OrderPlaced":
        Object.assign(order, { status: "placed", customerId: event.data.customerId, placedAt: occurredAt });
        break;
      case "ItemAdded":
        order.items += event.data.quantity;
        order.total += event.data.quantity * event.data.price;
        break;
      case "ItemRemoved":
        order.items -= event.data.quantity;
        order.total -= event.data.quantity * event.data.price;
        break;
      case "PaymentReceived":
        order.status = "paid";
        order.paid += event.data.amount;
        break;
      case "OrderCancelled":
        orders.delete(streamId);
    }
  }
  return orders;
}

export function foldCustomers(events: Iterable<StoredEvent>): ReadonlyMap<string, CustomerView> {
  const customers = new Map<string, CustomerView>();
  for (const event of events) {
    if (event.type === "ItemAdded" || event.type === "ItemRemoved") continue;
    const { customerId } = event.data;
    const customer = customers.get(customerId) ?? { orders: 0, cancelled: 0, paid: 0, largestPayment: 0 };
    customers.set(customerId, customer);
    customer.lastSeen = event.occurredAt;
    if (event.type === "OrderPlaced") customer.orders += 1;
    if (event.type === "OrderCancelled") customer.cancelled += 1;
    if (event.type === "PaymentReceived") {
      customer.paid += event.data.amount;
      customer.largestPayment = Math.max(customer.largestPayment, event.data.amount);
    }
  }
  return customers;
}

export function findLargePayments(events: Iterable<StoredEvent>): ReadonlyMap<string, object> {
  const payments = new Map<string, object>();
  for (const { _id, streamId, occurredAt, ...event } of events) {
    if (event.type !== "PaymentReceived" || event.data.amount < 1000) continue;
    const { customerId, amount } = event.data;
    payments.set(_id, { orderId: streamId, customerId, amount, at: occurredAt });
  }
  return payments;
}
