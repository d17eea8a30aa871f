import { Decimal128, Double, Int32, Long, ObjectId } from "bson";
import type { Document } from "bson";
import fc from "fast-check";
import { handlerNames, initialValues, library } from "./handler-library.ts";
import type { HandlerName } from "./handler-library.ts";
import type { StoredEvent } from "./plain-fold.ts";

export type GuardName = "version" | "position" | "streams" | "none";

/** One random projection and what is delivered to it. */
export interface World {
  readonly guard: GuardName;
  readonly handlers: readonly HandlerName[];
  readonly initial: Document;
  readonly histories: readonly History[];
}

/** The events of one key in order, and in which order they are delivered. */
export interface History {
  readonly key: unknown;
  /** An event goes to one or, with an array, to several read models of this history. */
  readonly events: readonly {
    readonly event: StoredEvent;
    readonly position: string;
    readonly models: readonly number[];
  }[];
  readonly deliveries: readonly number[];
  /** True where the read model is there, as `initial`, before the first event. */
  readonly existing: boolean;
}

const data = fc.record(
  {
    q: fc.oneof(fc.integer({ min: -3, max: 6 }), fc.constant(null)),
    name: fc.constantFrom("12", "x", "$odd", null),
    tag: fc.constantFrom("a", "b", "$$c"),
    tags: fc.constantFrom<unknown[]>([], ["a", "b"], null, "text"),
    address: fc.constantFrom<unknown[]>(
      { city: "Delft" },
      null,
      5,
      [1],
      { geo: { lat: 2 } },
      { geo: 3 },
      { geo: null },
    ),
    "a.b": fc.integer({ min: 1, max: 3 }),
    $x: fc.constantFrom("$y", "z"),
    odd: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: [] },
);
const always = fc.record({
  long: fc.constantFrom("1", "9007199254740993", "-5").map((text) => Long.fromString(text)),
  decimal: fc.constantFrom("1", "250", "-7").map((text) => Decimal128.fromString(text)),
});

/** `__proto__` as a field of its own, which only `fromEntries` makes. */
const payload = fc
  .tuple(data, always)
  .map(([some, all]): Document =>
    Object.fromEntries(
      Object.entries({ ...some, ...all }).map(([name, value]) => [name === "odd" ? "__proto__" : name, value]),
    ),
  );

const numberTypes: readonly ((value: number) => unknown)[] = [
  (value) => new Int32(value),
  (value) => Long.fromNumber(value),
  (value) => new Double(value + 0.5),
  (value) => Decimal128.fromString(`${value}.25`),
];

const keys: readonly ((number: number) => unknown)[] = [
  (number) => `a.b.${number}`,
  (number) => `$x${number}`,
  (number) => `__proto__${number}`,
  (number) => number,
  (number) => Long.fromString(`9007199254740993${number}`),
  (number) => ObjectId.createFromTime(number),
  (number) => ({ tenant: "$t", number }),
  (number) => new Date(number),
];

const step = fc.record({
  handler: fc.nat(),
  data: payload,
  stream: fc.nat({ max: 2 }),
  versionType: fc.nat({ max: numberTypes.length - 1 }),
  models: fc.oneof(fc.constant([0]), fc.array(fc.nat({ max: 2 }), { maxLength: 4 })),
  // After an event: nothing, or some earlier one again, alone or with all after it.
  again: fc.option(fc.record({ from: fc.nat(), alone: fc.boolean() }), { freq: 2 }),
});

const history = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 12 }),
  key: fc.nat({ max: keys.length - 1 }),
  existing: fc.boolean(),
});

/** Handlers that work on the same fields: a random choice of all would seldom make two that have to do with each other. */
const families: readonly (readonly HandlerName[])[] = [
  ["Count", "Charge", "SetTotal", "Average", "SafeAverage", "DivideByEvent", "CondDivideByEvent", "Maybe", "Level"],
  ["Size", "First", "Has", "Tag", "Untag", "SetTags"],
  ["Move", "Locate", "Forget", "SetAddress", "NewAddress"],
  ["Rename", "ToInt", "Swap", "Place", "Ship", "Collect", "Level"],
  ["Odd", "Sequence", "Balance", "Stamp", "Peak", "Count"],
];

function handlerSets(guard: GuardName): fc.Arbitrary<readonly HandlerName[]> {
  const usable = (name: HandlerName): boolean => guard !== "none" || "repeatable" in library[name];
  const all = handlerNames.filter(usable);
  const related = fc
    .constantFrom(...families.map((family) => family.filter(usable)).filter(({ length }) => length > 0))
    .chain((family) => fc.subarray([...family], { minLength: Math.min(2, family.length) }));
  const others = fc.uniqueArray(fc.constantFrom(...all), { maxLength: 3 });
  const cancel = fc.constantFrom<HandlerName[][]>([], ["Cancel"]);
  return fc.tuple(related, others, cancel).map((sets) => [...new Set(sets.flat())]);
}

/** Random worlds of one guard, each with up to twenty histories. */
export function worlds(guard: GuardName): fc.Arbitrary<World> {
  const initial = fc.record(
    Object.fromEntries(Object.entries(initialValues).map(([name, values]) => [name, fc.constantFrom(...values)])),
  );
  return fc
    .record({
      handlers: handlerSets(guard),
      initial,
      histories: fc.array(history, { minLength: 5, maxLength: 20, size: "max" }),
    })
    .map(({ handlers, initial: all, histories }) => ({
      guard,
      handlers,
      initial: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)),
      histories: histories.map((one, index) => toHistory(one, index, guard, handlers)),
    }));
}

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function toHistory(
  { steps, key, existing }: { readonly steps: readonly Step[]; readonly key: number; readonly existing: boolean },
  index: number,
  guard: GuardName,
  handlers: readonly HandlerName[],
): History {
  const oneStream = guard === "version";
  const id = keys[key]?.(index * 10);
  const events = steps.map(({ handler, data: payloadData, stream, versionType, models }, number) => ({
    event: {
      _id: `${index}-${number}`,
      streamId: (oneStream ? id : `s.${stream}`) as string,
      version: numberTypes[versionType]?.(number * 2),
      type: handlers[handler % handlers.length] ?? "",
      occurredAt: new Date(1_700_000_000_000 + number),
      data: payloadData,
    },
    // As in one transaction: the same time, a longer token.
    position: `8263F1${String(number).padStart(4, "0")}${number % 3 === 0 ? "" : "2B04"}`,
    models: guard === "position" ? models : [0],
  }));
  return { key: id, events, deliveries: toDeliveries(steps, guard), existing };
}

function toDeliveries(steps: readonly Step[], guard: GuardName): readonly number[] {
  const deliveries: number[] = [];
  steps.forEach(({ again }, number) => {
    deliveries.push(number);
    if (again === null) return;
    const from = again.from % (number + 1);
    // Without a guard only what comes after a checkpoint may come again, and then all of it.
    const until = again.alone && guard !== "none" ? from : number;
    for (let earlier = from; earlier <= until; earlier++) deliveries.push(earlier);
  });
  return deliveries;
}

/** The `_id` of one of a history's read models. */
export function modelKey({ key }: History, model: number): unknown {
  if (model === 0) return key;
  return typeof key === "number" ? key + model : { of: key, model };
}
