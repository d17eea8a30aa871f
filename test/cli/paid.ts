import { Long, type Document } from "bson";

/** An event of a projection of payments, as it is stored. */
export const paid = (stream: string, version: number, amount: number): Document => ({
  _id: `${stream}-${version}`,
  streamId: stream,
  version: Long.fromNumber(version),
  type: "Paid",
  occurredAt: new Date(version),
  data: { amount },
});
