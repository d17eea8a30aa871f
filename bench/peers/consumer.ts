import type { Collection, Document, ResumeToken } from "mongodb";
import type { StoredEvent } from "../../test/replays/burst/order-events.ts";

/** What a hand-written consumer of order events works with. */
export interface Consumer {
  readonly events: Collection<Document>;
  readonly orders: Collection<OrderDocument>;
  /** Where its change stream goes on from. */
  readonly position: ResumeToken;
  readonly savePosition: (position: ResumeToken) => Promise<void>;
  /** It ends after so many events; one in a service would not. */
  readonly until: number;
}

export interface OrderDocument {
  readonly _id: string;
  /** Of the event that was applied last: one that is not newer must change nothing. */
  readonly version: number;
  readonly status: "placed" | "paid";
  readonly customerId: string;
  readonly placedAt: Date;
  readonly items: number;
  readonly total: number;
  readonly paid: number;
  /** Cancelled: only its version still matters. */
  readonly deleted?: boolean;
}

export interface InsertOfEvent extends Document {
  readonly _id: ResumeToken;
  readonly fullDocument: StoredEvent;
}

export const inserts = [{ $match: { operationType: "insert" } }];
