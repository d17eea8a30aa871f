import { Decimal128, Long } from "bson";
import { remove } from "../../../src/projections/remove.ts";
import { refuse } from "./plain-fold.ts";
import type { PlainHandler } from "./plain-fold.ts";

// oxlint-disable-next-line no-explicit-any -- the laws are about values; types have tests of their own
type Any = any;

/** The same handler twice: as an author writes it, and as a plain program. */
export interface HandlerPair {
  readonly mql: (event: Any, view: Any) => unknown;
  readonly plain: PlainHandler;
  /** True where `guard: "none"` takes it. */
  readonly repeatable?: boolean;
}

const absent = (value: unknown): boolean => value === undefined || value === null;
const add = (a: unknown, b: unknown): number | null => {
  if (absent(a)) return null;
  if (typeof a !== "number") return refuse();
  if (absent(b)) return null;
  return typeof b === "number" ? a + b : refuse();
};
const divide = (a: unknown, b: unknown): number | null => {
  if (typeof a === "number" && typeof b === "number") return b === 0 ? refuse() : a / b;
  return absent(a) || absent(b) ? null : refuse();
};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : refuse());
const orNull = (value: unknown): unknown => (value === undefined ? null : value);
const defined = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

export const library = {
  Place: { mql: () => ({ status: "placed" }), plain: () => ({ status: "placed" }), repeatable: true },
  Ship: { mql: () => ({ status: "shipped" }), plain: () => ({ status: "shipped" }), repeatable: true },
  Note: { mql: () => ({}), plain: () => ({}), repeatable: true },
  Rename: {
    mql: ({ data }) => ({ name: data.name }),
    plain: (_, { data }) => ({ name: data["name"] }),
    repeatable: true,
  },
  Count: {
    mql: (_, view) => ({ count: { $add: [view.count, 1] } }),
    plain: (view) => ({ count: add(view["count"], 1) }),
  },
  Charge: {
    mql: ({ data }, view) => ({ total: { $add: [view.total, data.q] }, lastCharge: data.q }),
    plain: (view, { data }) => ({ total: add(view["total"], data["q"]), lastCharge: data["q"] }),
  },
  SetTotal: {
    mql: ({ data }) => ({ total: data.q }),
    plain: (_, { data }) => ({ total: data["q"] }),
    repeatable: true,
  },
  Average: {
    mql: (_, view) => ({ average: { $divide: [view.total, view.count] } }),
    plain: (view) => ({ average: divide(view["total"], view["count"]) }),
  },
  SafeAverage: {
    mql: (_, view) => ({ average: { $cond: [{ $eq: [view.count, 0] }, 0, { $divide: [view.total, view.count] }] } }),
    plain: (view) => ({ average: view["count"] === 0 ? 0 : divide(view["total"], view["count"]) }),
  },
  DivideByEvent: {
    mql: ({ data }, view) => ({ share: { $divide: [100, data.q] }, count: { $add: [view.count, 1] } }),
    plain: (view, { data }) => ({ share: divide(100, data["q"]), count: add(view["count"], 1) }),
  },
  CondDivideByEvent: {
    mql: ({ data }, view) => ({ share: { $cond: [{ $eq: [view.count, 0] }, { $divide: [100, data.q] }, 1] } }),
    plain: (view, { data }) => ({ share: view["count"] === 0 ? divide(100, data["q"]) : 1 }),
  },
  Size: { mql: (_, view) => ({ size: { $size: view.tags } }), plain: (view) => ({ size: list(view["tags"]).length }) },
  ToInt: {
    mql: (_, view) => ({ number: { $toInt: view.name } }),
    plain: ({ name }: { readonly name?: unknown }) => {
      if (absent(name)) return { number: null };
      return typeof name === "string" && /^-?\d+$/.test(name) ? { number: Number(name) } : refuse();
    },
  },
  First: {
    mql: (_, view) => ({ first: { $arrayElemAt: [view.tags, 0] } }),
    plain: (view) => ({ first: absent(view["tags"]) ? null : list(view["tags"])[0] }),
  },
  Has: {
    mql: ({ data }, view) => ({ has: { $in: [data.tag, view.tags] } }),
    plain: (view, { data }) => ({ has: list(view["tags"]).includes(data["tag"]) }),
  },
  Tag: {
    mql: ({ data }, view) => ({ tags: { $concatArrays: [view.tags, [data.tag]] } }),
    plain: (view, { data }) => ({
      tags: absent(view["tags"]) ? null : [...list(view["tags"]), orNull(data["tag"])],
    }),
  },
  Untag: {
    mql: ({ data }, view) => ({ tags: { $filter: { input: view.tags, cond: { $ne: ["$$this", data.tag] } } } }),
    plain: (view, { data }) => ({
      tags: absent(view["tags"]) ? null : list(view["tags"]).filter((tag) => tag !== data["tag"]),
    }),
  },
  SetTags: {
    mql: ({ data }) => ({ tags: data.tags }),
    plain: (_, { data }) => ({ tags: data["tags"] }),
    repeatable: true,
  },
  Move: {
    mql: ({ data }) => ({ "address.city": data.name, "address.zip": "1011" }),
    plain: (_, { data }) => ({ "address.city": data["name"], "address.zip": "1011" }),
  },
  Locate: {
    mql: ({ data }, view) => ({
      "address.geo.lat": data.q,
      "address.geo.moves": { $ifNull: [view.address.geo.lat, "none"] },
    }),
    plain: (view, { data }) => {
      const address: unknown = view["address"];
      const geo: unknown = isPlain(address) ? address["geo"] : undefined;
      const lat: unknown = isPlain(geo) ? geo["lat"] : undefined;
      return { "address.geo.lat": data["q"], "address.geo.moves": lat ?? "none" };
    },
  },
  Forget: {
    mql: () => ({ "address.geo": "$$REMOVE" }),
    plain: () => ({ "address.geo": undefined }),
  },
  SetAddress: {
    mql: ({ data }) => ({ address: data.address }),
    plain: (_, { data }) => ({ address: data["address"] }),
    repeatable: true,
  },
  NewAddress: {
    mql: ({ data }, view) => ({ address: { city: data.name, last: view.status, parts: [data.q, "x"] } }),
    plain: (view, { data }) => ({
      address: defined({ city: data["name"], last: view["status"], parts: [orNull(data["q"]), "x"] }),
    }),
  },
  Swap: {
    mql: (_, view) => ({ status: view.name, name: view.status }),
    plain: (view) => ({ status: view["name"], name: view["status"] }),
  },
  Stamp: {
    mql: ({ id, stream, type, time, version }, view) => ({
      last: { id, stream, type, time, version, before: view.last.id },
    }),
    plain: (view, event) => {
      const last: unknown = view["last"];
      const before: unknown = isPlain(last) ? last["id"] : undefined;
      const { _id: id, streamId: stream, type, occurredAt: time, version } = event;
      return { last: defined({ id, stream, type, time, version, before }) };
    },
  },
  Peak: {
    mql: ({ data }, view) => ({ peak: { $max: [view.peak, data.q] }, low: { $min: [view.low, data.q] } }),
    plain: (view, { data }) => {
      const numbers = (field: string): number[] =>
        [view[field], data["q"]].filter((value) => typeof value === "number");
      const [peaks, lows] = [numbers("peak"), numbers("low")];
      return {
        peak: peaks.length === 0 ? null : Math.max(...peaks),
        low: lows.length === 0 ? null : Math.min(...lows),
      };
    },
    repeatable: true,
  },
  Collect: {
    mql: ({ data }, view) => ({ seen: { $setUnion: [view.seen, [data.name]] } }),
    plain: (view, { data }) => {
      if (absent(view["seen"])) return { seen: null };
      return { seen: inBsonOrder([...new Set([...list(view["seen"]), orNull(data["name"])])]) };
    },
    repeatable: true,
  },
  Odd: {
    mql: ({ data }, view) => ({
      odd: { $ifNull: [data["a.b"], view.odd] },
      dollar: [data["$x"], view.count, data["__proto__"]],
    }),
    plain: (view, { data }) => ({
      odd: data["a.b"] ?? view["odd"],
      dollar: [
        orNull(data["$x"]),
        orNull(view["count"]),
        orNull(Object.hasOwn(data, "__proto__") ? data["__proto__"] : undefined),
      ],
    }),
  },
  Sequence: {
    mql: ({ data }, view) => ({ sequence: { $add: [view.sequence, data.long] }, latest: data.long }),
    plain: (view, { data }) => ({
      sequence: absent(view["sequence"]) ? null : (view["sequence"] as Long).add(data["long"] as Long),
      latest: data["long"],
    }),
  },
  Balance: {
    mql: ({ data }, view) => ({ balance: { $add: [view.balance, data.decimal] } }),
    plain: (view, { data }) => ({
      balance: absent(view["balance"])
        ? null
        : Decimal128.fromString(`${BigInt(String(view["balance"])) + BigInt(String(data["decimal"]))}`),
    }),
  },
  Maybe: {
    mql: ({ data }, view) => ({ maybe: { $cond: [{ $gt: [data.q, view.count] }, "$$REMOVE", data.q] } }),
    plain: (view, { data }) => {
      const [q, count] = [data["q"] as unknown, view["count"] as unknown];
      const greater = rank(q) === rank(count) ? typeof q === "number" && q > (count as number) : rank(q) > rank(count);
      return { maybe: greater ? undefined : q };
    },
  },
  Level: {
    mql: ({ data }, view) => ({
      level: { $cond: [{ $gte: [view.count, 3] }, "many", { $ifNull: [view.level, data.name, "few"] }] },
    }),
    plain: (view, { data }) => ({
      level:
        typeof view["count"] === "number" && view["count"] >= 3 ? "many" : (view["level"] ?? data["name"] ?? "few"),
    }),
  },
  Cancel: { mql: () => remove(), plain: () => null, repeatable: true },
} satisfies Record<string, HandlerPair>;

export type HandlerName = keyof typeof library;
export const handlerNames: readonly HandlerName[] = Object.keys(library) as HandlerName[];

/** Values of `initial` to choose from, absent ones included. */
export const initialValues: Readonly<Record<string, readonly unknown[]>> = {
  status: [undefined, "new", "$new"],
  count: [0, 0, undefined, null, 2],
  total: [0, undefined, null],
  tags: [[], undefined, null, ["a"]],
  seen: [[], undefined],
  address: [undefined, undefined, null, {}, { city: "Utrecht", geo: { lat: 1 } }, "nowhere"],
  sequence: [Long.fromNumber(0), undefined],
  balance: [Decimal128.fromString("0"), undefined],
  name: [undefined, "12", null, "x"],
};

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Order of types on the server: missing, null, numbers. */
function rank(value: unknown): number {
  if (value === undefined) return 0;
  return value === null ? 1 : 2;
}

/** Null before texts: what `$setUnion` gives. */
function inBsonOrder(values: readonly unknown[]): readonly unknown[] {
  return values.toSorted((a, b) => (a === null ? -1 : b === null ? 1 : String(a) < String(b) ? -1 : 1));
}
