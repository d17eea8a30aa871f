// What happens to an order. Only types: this file exports no processor.

/** Each event says whose order it is, so that it can be counted for a customer without looking the order up. */
interface OfCustomer {
  customerId: string;
}

export interface Item {
  sku: string;
  quantity: number;
  price: number;
}

export type OrderEvent =
  | { type: "OrderPlaced"; data: OfCustomer }
  | { type: "ItemAdded"; data: OfCustomer & Item }
  | { type: "ItemRemoved"; data: OfCustomer & Item }
  | { type: "PaymentReceived"; data: OfCustomer & { amount: number } }
  | { type: "OrderCancelled"; data: OfCustomer & { reason: string } };

/** The read model of orders.ts: one document per order. */
export interface OrderView {
  status: "new" | "placed" | "paid";
  customerId?: string;
  placedAt?: Date;
  items: number;
  total: number;
  paid: number;
}

/** The read model of customers.ts: one document per customer, over all orders of theirs. */
export interface CustomerView {
  orders: number;
  cancelled: number;
  paid: number;
  largestPayment: number;
  lastSeen?: Date;
}
