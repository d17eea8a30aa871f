import type { Document } from "bson";

/** An event as it is stored, envelope as in the sample project. */
export interface StoredEvent {
  readonly _id: string;
  readonly streamId: string;
  readonly version: unknown;
  readonly type: string;
  readonly occurredAt: Date;
  readonly data: Document;
}

/** A handler in plain JavaScript: paths to values (undefined removes), null to remove the read model; throws where MQL fails. */
export type PlainHandler = (view: Document, event: StoredEvent) => Readonly<Record<string, unknown>> | null;

/** What the read model is after the events, in order; undefined where there is none. An event that fails changes nothing. */
export function plainFold(
  events: readonly StoredEvent[],
  handlers: Readonly<Record<string, PlainHandler>>,
  initial: Document,
): Document | undefined {
  let view: Document | undefined;
  for (const event of events) {
    const handler = handlers[event.type];
    if (handler === undefined) continue;
    try {
      const before = view ?? structured(initial);
      const fields = handler(before, event);
      view = fields === null ? undefined : withFields(before, fields);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  }
  return view;
}

/** Thrown where an expression fails on the server. */
export class Refused extends Error {}

export function refuse(): never {
  throw new Refused();
}

function withFields(before: Document, fields: Readonly<Record<string, unknown>>): Document {
  const view = structured(before);
  for (const [path, value] of Object.entries(fields)) {
    const names = path.split(".");
    const last = names.pop() ?? "";
    let parent = view;
    for (const name of names) {
      const next: unknown = parent[name] ?? {};
      if (!isDocument(next)) refuse();
      parent[name] = next;
      parent = next;
    }
    if (value === undefined) delete parent[last];
    else parent[last] = value;
  }
  return view;
}

function isDocument(value: unknown): value is Document {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** A copy of the objects and arrays; BSON values are shared. */
function structured(value: Document): Document {
  return copy(value) as Document;
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (!isDocument(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, copy(field)]));
}

/** A value as a text that is equal for equal BSON values, numbers by value and fields in any order. */
export function canonical(value: unknown): string {
  return JSON.stringify(plain(value));
}

/** The driver brings classes of its own. */
function bsonType(value: unknown): unknown {
  return typeof value === "object" && value !== null && "_bsontype" in value ? value._bsontype : undefined;
}

function plain(value: unknown): unknown {
  if (value instanceof Date) return { $date: value.toISOString() };
  const type = bsonType(value);
  if (type === "Decimal128") return { $decimal: String(value) };
  if (type === "Long" || type === "Int32" || type === "Double") return String(value);
  if (typeof value === "number") return value.toString();
  if (typeof value === "string") return `text ${value}`;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([name, field]) => [name, plain(field)]));
}
