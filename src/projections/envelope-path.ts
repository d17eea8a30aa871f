import type { Envelope } from "./processor-value.ts";

/** Field paths of the envelope where none are given, neither by the config nor by a projection's `source`. */
export const defaultEnvelope: Envelope = {
  id: "_id",
  stream: "streamId",
  version: "version",
  type: "type",
  time: "occurredAt",
  data: "data",
};

/** Where a reference of an event is stored: `["data", "price"]` may be `["payload", "price"]`, or `["price"]` where `data` is ".". */
export function envelopePath(envelope: Envelope, [part, ...rest]: readonly string[]): readonly string[] {
  const stored = part === undefined ? "." : envelope[part as keyof Envelope];
  return stored === "." ? rest : [...stored.split("."), ...rest];
}
