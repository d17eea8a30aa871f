import { EJSON, ObjectId } from "bson";
import type { Document } from "bson";
import type { Collection, MongoClient } from "mongodb";
import { compileProjection } from "../../../src/projections/compile-projection.ts";
import { processorBrand } from "../../../src/projections/processor-value.ts";
import type { ProjectionValue } from "../../../src/projections/processor-value.ts";
import { library } from "./handler-library.ts";
import type { HandlerPair } from "./handler-library.ts";
import { canonical, plainFold } from "./plain-fold.ts";
import type { PlainHandler, StoredEvent } from "./plain-fold.ts";
import { readModels, runDeliveries } from "./run-deliveries.ts";
import { modelKey } from "./world.ts";
import type { History, World } from "./world.ts";

/** Compiles a world's projection, delivers its histories and compares every read model with the plain fold. */
export async function checkWorld(client: MongoClient, db: string, world: World): Promise<void> {
  // A collection of its own: dropping one between the worlds would cost more than all the rest.
  const coll = new ObjectId().toHexString();
  const { definition, findings } = compileProjection(toProjection(world, coll), { at: () => undefined });
  if (definition === undefined) throw new Error(JSON.stringify(findings, null, 2));
  await insertExisting(client.db(db).collection(coll), world);
  await runDeliveries(
    client,
    db,
    definition,
    world.histories.flatMap((history) => toDocuments(history, world)),
  );
  const actual = await readModels(client, db, coll);
  const expected = new Map(world.histories.flatMap((history) => expectedModels(history, world)));
  const differences = [...new Set([...actual.keys(), ...expected.keys()])].flatMap((key) => {
    const [is, should] = [actual.get(key), expected.get(key)].map((model) =>
      model === undefined ? "nothing" : canonical(model),
    );
    return is === should ? [] : [`${key}\n  is     ${is}\n  should ${should}`];
  });
  if (differences.length > 0) throw new Error(`${differences.join("\n")}\n${EJSON.stringify(definition.pipeline)}`);
}

function toProjection({ guard, handlers, initial }: World, coll: string): ProjectionValue {
  const key = guard === "version" ? {} : { key: ({ data }: never) => (data as { readonly _key: unknown })._key };
  return {
    [processorBrand]: "projection",
    name: "law",
    into: { connectionName: "domain", db: "any", coll },
    source: { connectionName: "events", db: "any", coll: "events" },
    guard,
    initial,
    ...key,
    on: Object.fromEntries(handlers.map((name) => [name, (library[name] as HandlerPair).mql])),
  };
}

function toDocuments(history: History, { guard }: World): readonly Document[] {
  return history.deliveries.flatMap((number) => {
    const { event, position, models } = history.events[number] ?? { event: undefined, position: "", models: [] };
    if (event === undefined) return [];
    const targets = models.map((model) => modelKey(history, model));
    const _key: unknown = guard === "position" && targets.length !== 1 ? targets : targets[0];
    const document = { ...event, data: Object.fromEntries([...Object.entries(event.data), ["_key", _key]]) };
    return [
      guard === "position" ? { _id: { _data: position }, operationType: "insert", fullDocument: document } : document,
    ];
  });
}

function expectedModels(
  history: History,
  { guard, handlers, initial }: World,
): readonly (readonly [string, Document])[] {
  const plain: Record<string, PlainHandler> = Object.fromEntries(handlers.map((name) => [name, library[name].plain]));
  return [0, 1, 2].flatMap((model) => {
    const events =
      guard === "streams" && model === 0
        ? withRetries(history, plain, initial)
        : history.events.filter(({ models }) => models.includes(model)).map(({ event }) => event);
    const first = plainFold(events, plain, initial);
    const view = first ?? (history.existing && model === 0 && !removed(events, plain, initial) ? initial : undefined);
    return view === undefined ? [] : [[EJSON.stringify(modelKey(history, model), { relaxed: false }), view] as const];
  });
}

/**
 * The events in the order in which they take effect under the `streams` guard. An event that fails leaves no trace, so when it comes
 * again after events of other streams, and before later ones of its own, it may succeed.
 */
function withRetries(history: History, plain: Record<string, PlainHandler>, initial: Document): readonly StoredEvent[] {
  const applied: StoredEvent[] = [];
  const last = new Map<string, number>();
  for (const number of history.deliveries) {
    const event = history.events[number]?.event;
    if (event === undefined || number <= (last.get(event.streamId) ?? -1)) continue;
    if (!succeeds(event, plainFold(applied, plain, initial) ?? initial, plain)) continue;
    applied.push(event);
    last.set(event.streamId, number);
  }
  return applied;
}

function succeeds(event: StoredEvent, view: Document, plain: Record<string, PlainHandler>): boolean {
  const marked = { [event.type]: plain[event.type] ?? (() => ({})) };
  return removes(event, plain) || plainFold([event], marked, view) !== undefined;
}

/** True where some event was applied, so that no read model means a removed one. */
function removed(events: readonly StoredEvent[], plain: Record<string, PlainHandler>, initial: Document): boolean {
  return events.some((_, end) => {
    const [before, after] = [
      plainFold(events.slice(0, end), plain, initial),
      plainFold(events.slice(0, end + 1), plain, initial),
    ];
    return before !== undefined || after !== undefined || removes(events[end], plain);
  });
}

function removes(event: StoredEvent | undefined, plain: Record<string, PlainHandler>): boolean {
  return event !== undefined && plain[event.type] === library.Cancel.plain;
}

/** Before every event: what each guard leaves on a document. */
const oldest: Readonly<Record<string, Document>> = {
  version: { v: -1 },
  position: { p: "" },
  streams: { s: [] },
  none: {},
};

async function insertExisting(collection: Collection, { histories, initial, guard }: World): Promise<void> {
  const documents = histories
    .filter(({ existing }) => existing)
    .map((history) => ({ _id: modelKey(history, 0) as never, ...initial, _asp: { ...oldest[guard] } }));
  if (documents.length > 0) await collection.insertMany(documents);
}
