import type { MessageId } from "../compare/compare-messages.ts";
import type { Difference } from "../compare/difference.ts";

/** `shop.orders {_id: "o1"} total: expected 3, found 4`, from the values of a report. */
export function describeDifference(difference: Difference): string {
  const { kind, path } = difference;
  const where = [subject(difference), ...(path === "" ? [] : [`\`${path}\``])].join(" ");
  if (kind === "missing") return `${where} is missing, expected ${shorten(difference.expected)}`;
  if (kind === "extra") return `${where} is not expected, found ${shorten(reasonFirst(difference))}`;
  return `${where}: expected ${shorten(difference.expected)}, found ${shorten(difference.actual)}`;
}

/** The document that a difference is about. */
export function subject({ collection, _id }: Difference): string {
  const message = collection.startsWith("topic.") ? asMessage(_id) : undefined;
  if (message !== undefined) {
    const whose = "key" in message ? `of key ${JSON.stringify(message.key)}` : "without a key";
    return `${collection}, message ${message.position} ${whose}`;
  }
  const what = collection === "_dlq" ? "dead letter" : collection;
  return _id === undefined ? what : `${what} {_id: ${JSON.stringify(_id)}}`;
}

function asMessage(_id: unknown): MessageId | undefined {
  const isMessage = typeof _id === "object" && _id !== null && "position" in _id && typeof _id.position === "number";
  return isMessage ? (_id as MessageId) : undefined;
}

/** The reason of a dead letter says more than the document, which may be too long to be shown. */
function reasonFirst({ collection, actual }: Difference): unknown {
  if (collection !== "_dlq" || typeof actual !== "object" || actual === null || !("errInfo" in actual)) return actual;
  const { errInfo, ...rest } = actual;
  return { errInfo, ...rest };
}

const longest = 160;

export function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}
