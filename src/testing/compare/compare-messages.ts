import type { MessageDocument } from "../case/message.ts";
import type { DocumentDifference, StoredDocument } from "./compare-collections.ts";
import { compareValues, comparisonKey } from "./compare-values.ts";
import type { ValueDifference } from "./difference.ts";
import { normalizeMessage, withoutPlace } from "./message-form.ts";

/** Which message of a topic a difference is about: the how manieth, from 1, of its key. */
export interface MessageId {
  /** Absent for those without a key, which are in one order. */
  readonly key?: unknown;
  readonly position: number;
}

/**
 * What differs between the messages that a topic should have got and those it has, in order per key; those without a key are in one
 * order of their own. `timestamp` and `partition` are compared where the expected message has them.
 *
 * `once`: equal repeats count once on both sides, in the order of their first occurrence.
 */
export function compareMessages(
  expected: readonly MessageDocument[],
  actual: readonly StoredDocument[],
  { once }: { readonly once: boolean },
): readonly DocumentDifference[] {
  const wanted = groupByKey(unique(expected.map(normalizeMessage), once));
  const found = groupByKey(unique(actual, once));
  return [...new Set([...wanted.keys(), ...found.keys()])].flatMap((key) =>
    compareInOrder(wanted.get(key) ?? [], found.get(key) ?? []),
  );
}

/** Which one each message of a list is. */
export function messageIds(messages: readonly MessageDocument[]): readonly MessageId[] {
  const counts = new Map<string, number>();
  return messages.map(normalizeMessage).map(({ key }) => {
    const name = comparisonKey(key);
    const position = (counts.get(name) ?? 0) + 1;
    counts.set(name, position);
    return toId(key, position);
  });
}

/** What both begin and end with is the same; the rest is taken pair by pair. */
function compareInOrder(
  wanted: readonly StoredDocument[],
  found: readonly StoredDocument[],
): readonly DocumentDifference[] {
  const shorter = Math.min(wanted.length, found.length);
  let start = 0;
  while (start < shorter && isSame(wanted[start], found[start])) start += 1;
  let end = 0;
  while (end < shorter - start && isSame(wanted.at(-1 - end), found.at(-1 - end))) end += 1;
  const missing = wanted.slice(start, wanted.length - end);
  const extra = found.slice(start, found.length - end);
  const differences: DocumentDifference[] = [];
  for (let index = 0; index < Math.max(missing.length, extra.length); index += 1) {
    const [one, other] = [missing[index], extra[index]];
    const _id = toId((one ?? other)?.["key"], start + index + 1);
    if (one === undefined) differences.push({ kind: "extra", path: "", _id, actual: withoutPlace(other ?? {}) });
    else if (other === undefined) differences.push({ kind: "missing", path: "", _id, expected: one });
    else differences.push(...compareMessage(one, other).map((difference) => ({ ...difference, _id })));
  }
  return differences;
}

function isSame(wanted: StoredDocument | undefined, found: StoredDocument | undefined): boolean {
  return wanted !== undefined && found !== undefined && compareMessage(wanted, found).length === 0;
}

function compareMessage(wanted: StoredDocument, found: StoredDocument): readonly ValueDifference[] {
  const { timestamp, partition } = found;
  return compareValues(wanted, {
    ...withoutPlace(found),
    ...(wanted["timestamp"] === undefined ? {} : { timestamp }),
    ...(wanted["partition"] === undefined ? {} : { partition }),
  });
}

function groupByKey(messages: readonly StoredDocument[]): ReadonlyMap<string, readonly StoredDocument[]> {
  const groups = new Map<string, StoredDocument[]>();
  for (const message of messages) {
    const name = comparisonKey(message["key"]);
    const group = groups.get(name) ?? [];
    group.push(message);
    groups.set(name, group);
  }
  return groups;
}

function unique(messages: readonly StoredDocument[], once: boolean): readonly StoredDocument[] {
  if (!once) return messages;
  const seen = new Set<string>();
  return messages.filter((message) => {
    const name = comparisonKey(withoutPlace(message));
    return !seen.has(name) && seen.add(name) !== undefined;
  });
}

function toId(key: unknown, position: number): MessageId {
  return { ...(key === undefined ? {} : { key }), position };
}
