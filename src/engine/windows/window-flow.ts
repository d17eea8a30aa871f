import type { Document } from "bson";
import { bytesOf, type Chunk, type Ready } from "../chunk.ts";
import { toMs } from "../../compiler/kinds.ts";
import type { WindowedPlan } from "../core/plan.ts";
import { idleWatermark } from "../core/fixed-windows.ts";
import { operatorsOf } from "../core/operators-of.ts";
import { createPathReader } from "../core/path-reader.ts";
import type { WindowPlan } from "../core/plan-window.ts";
import { stateNames } from "../core/state-names.ts";
import { createWatermark, type Lane, type WatermarkState } from "../core/watermark.ts";
import { decodeField } from "../core/bson-fields.ts";
import { decodeExact, fieldOf } from "../core/exact-bson.ts";
import { createDeliver } from "../deliver.ts";
import { lastOf, weigh, type Flow, type FlowParts, type FlowState } from "../flow.ts";
import { wallTimeMsOf } from "../sources/batch.ts";
import { createTransform, type Delivered, type Outgoing, type Refused } from "../transform.ts";
import { measureCollection } from "../measure-collection.ts";
import { createFixedKeeper } from "./fixed-keeper.ts";
import { createInnerPipeline } from "./inner-pipeline.ts";
import { joinResults } from "./join-results.ts";
import { createKeptDocuments } from "./kept-documents.ts";
import { createSessionKeeper } from "./session-keeper.ts";
import { timeEvents } from "./time-events.ts";
import type { Arrival, Outcome } from "./window-keeper.ts";

/** Text of a late document's dead letter. Source: asp-language 3.3. */
const late = "Input document arrived late.";
const tooLarge = "Input document is too large to be kept in a window.";

/** What the time of a window depends on, between chunks. */
interface Clock {
  /** Engine time of the last chunk; undefined before the first. */
  readonly atMs: number | undefined;
  readonly watermark: WatermarkState;
  /** Since when the source has been idle, in engine time, and the watermark by then. */
  readonly idle: { readonly sinceMs: number; readonly watermarkMs: number } | undefined;
}

interface Consumed {
  readonly passedMs: number | undefined;
  readonly marks: readonly (number | undefined)[];
  readonly clock: Clock;
}

/**
 * Takes chunks through the stages before a window, into it, and what closed windows give through those after it.
 *
 * The watermark moves with every document that `$source` delivers, also with those that a stage drops before the window. Within a
 * chunk it counts document by document, so it makes no difference how a stream is cut into chunks.
 */
export function createWindowFlow({ plan, sink, meter, ...context }: FlowParts, windowed: WindowedPlan): Flow {
  const { window } = windowed;
  const deliver = createDeliver(plan.source, context);
  const partition =
    window.kind === "session"
      ? { operator: window.operator, expressions: { partition: window.partitionBy } }
      : undefined;
  const { places } = operatorsOf(plan);
  const names = stateNames(plan.name);
  const before = createTransform(
    {
      steps: plan.steps,
      readsMetadata: true,
      last: partition,
      count: (step, counts) => meter.count(places.steps + step, counts),
    },
    context,
  );
  const kept = createKeptDocuments(context.stateDb, names.documents, window.kind === "fixed" ? "blocks" : "single");
  const keeper =
    window.kind === "session"
      ? createSessionKeeper(window, kept, context.stateDb, names.sessions)
      : createFixedKeeper(window, kept);
  const inner = createInnerPipeline(
    windowed.inner,
    { kept, asideName: names.aside },
    context,
    sourceType(plan.source.kind),
  );
  /** Where nothing comes before the window, documents go into it as they are. */
  const asTheyAre = plan.steps.length === 0 && !inner.readsMetadata ? toBare(window) : undefined;
  const after = createTransform(
    {
      steps: windowed.after,
      readsMetadata: plan.readsMetadata,
      last: lastOf(plan, sink),
      count: (step, counts) => meter.count(places.after + step, counts),
    },
    context,
  );
  const partitionIdleMs = plan.source.kind === "kafka" ? toMs(plan.source.args["partitionIdleTimeout"]) : undefined;
  let clock: Clock = { atMs: undefined, watermark: { atMs: undefined }, idle: undefined };
  /** What the last whole chunk led to; a retry of the next goes back to it. */
  let reached: FlowState | undefined;
  let underWay = false;

  /** Where the watermark is by the passing of time, after each of the delivered documents, and at last. */
  const consume = (chunk: Chunk, delivered: readonly Delivered[], before: Clock): Consumed => {
    const { atMs: chunkMs } = chunk;
    if (window.time === "processing") {
      const watermark = { atMs: Math.max(chunkMs, before.watermark.atMs ?? chunkMs) };
      const marks = delivered.map(() => watermark.atMs);
      return { passedMs: watermark.atMs, marks, clock: { atMs: chunkMs, watermark, idle: undefined } };
    }
    const watermark = createWatermark(before.watermark, partitionIdleMs);
    for (const lane of chunk.lanes ?? []) watermark.know(lane, chunk.atMs);
    watermark.pass(chunk.atMs);
    const passedMs = watermark.atMs;
    const marks = delivered.map(({ timeMs = chunk.atMs, lane }) => {
      watermark.consume(timeMs, chunk.atMs, lane);
      return watermark.atMs;
    });
    const { atMs } = watermark;
    if (delivered.length > 0 || before.idle === undefined) {
      const idle = atMs === undefined ? undefined : { sinceMs: chunk.atMs, watermarkMs: atMs };
      return { passedMs, marks, clock: { atMs: chunkMs, watermark: watermark.state, idle } };
    }
    if (window.kind === "fixed") {
      const { sinceMs, watermarkMs } = before.idle;
      const over = idleWatermark(window, watermarkMs, chunk.atMs - sinceMs);
      if (over !== undefined) watermark.raise(over);
    }
    return {
      passedMs: watermark.state.atMs,
      marks,
      clock: { atMs: chunkMs, watermark: watermark.state, idle: before.idle },
    };
  };

  async function* run(chunk: Chunk): AsyncGenerator<Ready> {
    if (underWay) await restore(reached);
    underWay = true;
    const { delivered, refused: refusedBySource } = await deliver.run(chunk);
    meter.count(0, { input: chunk.events.length, output: delivered.length, deadLetters: refusedBySource.length });
    const bare = asTheyAre?.(delivered);
    const { outgoing, refused } = bare === undefined ? await before.run(delivered) : { outgoing: bare, refused: [] };
    const reckoned = setBack(clock, chunk.atMs);
    const { passedMs, marks, clock: next } = consume(chunk, delivered, reckoned);
    const arrivals = outgoing.map(({ document, index = 0, values, stream }): Arrival => {
      const { timeMs = chunk.atMs } = delivered[index] ?? {};
      return {
        document,
        // A clock that is set back takes no document into a window that it has closed.
        timeMs: window.time === "processing" ? (passedMs ?? chunk.atMs) : timeMs,
        watermarkMs: marks[index],
        partition: fieldOf(values, "partition"),
        stream: inner.readsMetadata ? stream : undefined,
      };
    });
    const outcomes = await keeper.admit(arrivals);
    const results = inner.run(keeper.close(next.watermark.atMs));
    for await (const { delivered: given, refused: refusedInside } of joinResults(results)) {
      yield await toReady(chunk, given, refusedInside);
    }
    const admitted = outcomes.filter((outcome) => reasonOf(outcome) === undefined).length;
    meter.count(places.window, { input: outcomes.length, deadLetters: outcomes.length - admitted });
    const moved = next.watermark.atMs !== clock.watermark.atMs;
    if (context.onTime !== undefined) {
      const since = { watermarkMs: clock.watermark.atMs, sinceMs: reckoned.idle?.sinceMs ?? chunk.atMs };
      const source = { delivered, refusedBySource, passedMs, marks };
      const parts = { plan, window, atMs: chunk.atMs, since, ...source, outgoing, arrivals, outcomes };
      for (const event of timeEvents(parts)) context.onTime(event);
    }
    clock = next;
    reached = toState(clock, keeper.state());
    underWay = false;
    const refusedHere = outcomes.flatMap((outcome, at): readonly Refused[] => {
      const reason = reasonOf(outcome);
      const from = outgoing[at];
      if (reason === undefined || from === undefined) return [];
      const document = arrivals[at]?.document ?? from.document;
      return [{ document: decodeExact(document), operator: window.operator, reason, index: from.index ?? -1 }];
    });
    yield {
      chunk,
      transformed: { outgoing: [], refused: [...refusedBySource, ...refused, ...refusedHere] },
      targets: [],
      sources: () => delivered,
      locate: async () => ({ outgoing: [], refused: [] }),
      wallTimesMs: chunk.events.map(wallTimeMsOf),
      bytes: bytesOf(chunk.events),
      done: { position: chunk.position, state: reached },
      moved,
    };
  }

  /** What closed windows gave, after the stages that follow. */
  const toReady = async (chunk: Chunk, sources: readonly Delivered[], refused: readonly Refused[]): Promise<Ready> => {
    meter.count(places.window, { output: sources.length, deadLetters: refused.length });
    const transformed = await after.run(sources);
    return {
      chunk,
      transformed: { outgoing: transformed.outgoing, refused: [...refused, ...transformed.refused] },
      targets: sink.resolve(transformed.outgoing),
      sources: () => sources,
      locate: () => after.run(sources, { locate: true }),
      wallTimesMs: [],
      bytes: weigh(transformed),
      done: undefined,
    };
  };

  const restore = async (state: FlowState | undefined, atMs?: number): Promise<void> => {
    clock = toClock(state, atMs);
    reached = state;
    underWay = false;
    await keeper.begin(state?.["kept"] as FlowState | undefined);
  };

  return {
    run,
    isStateful: true,
    begin: async (state, atMs) => {
      await kept.prepare();
      // A crash may have come between the checkpoint and this. A chunk that is tried again goes back to where no checkpoint may be.
      if (state !== undefined) await keeper.stored(state["kept"] as FlowState);
      await restore(state, atMs);
    },
    measure: async () => {
      const [stateBytes, span] = await Promise.all([measureCollection(kept.collection), keeper.openSpan?.()]);
      const { atMs, lanes } = clock.watermark;
      const laneMs = lanes?.flatMap(({ lane, maxMs }): [string, number][] =>
        maxMs === undefined ? [] : [[lane, maxMs]],
      );
      return {
        ...(atMs === undefined ? {} : { watermarkMs: atMs }),
        stateBytes,
        ...(laneMs && { laneMs: new Map(laneMs) }),
        ...(span && { minOpenStartMs: span.firstMs, maxOpenStartMs: span.lastMs }),
      };
    },
    stored: (state) => keeper.stored(state["kept"] as FlowState),
    check: async () => {
      await deliver.check();
      await before.check();
      await inner.check();
      await after.check();
    },
    close: async () => {
      await Promise.all([before.close(), inner.close(), after.close()]);
    },
  };
}

/** What hands documents to a window as they are; it gives `undefined` where mongod has to say what their partitions are. */
function toBare(
  window: WindowPlan,
): ((delivered: readonly Delivered[]) => readonly Outgoing[] | undefined) | undefined {
  if (window.kind === "fixed") return (delivered) => delivered.map(({ document }, index) => ({ document, index }));
  const path = createPathReader(window.partitionBy);
  if (path === undefined) return undefined;
  return (delivered) => {
    const outgoing: Outgoing[] = [];
    for (const [index, { document }] of delivered.entries()) {
      const found = path.read(document);
      if (found === undefined) return undefined;
      outgoing.push({ document, index, values: { partition: decodeField(document, found.field) } });
    }
    return outgoing;
  };
}

function sourceType(kind: string): string {
  return kind === "changeStream" ? "atlas" : kind === "kafka" ? "kafka" : "generated";
}

function reasonOf(outcome: Outcome): string | undefined {
  if (outcome === "late") return late;
  return outcome === "too large" ? tooLarge : undefined;
}

/** Where the clock has been set back, what has been idle until then goes on being so: nobody waits until the clock is where it was. */
function setBack(clock: Clock, nowMs: number): Clock {
  return clock.atMs === undefined || nowMs >= clock.atMs ? clock : moveIdle(clock, nowMs - clock.atMs);
}

/** All that has been idle, as if it had become so by that much later. */
function moveIdle({ atMs, watermark, idle }: Clock, byMs: number): Clock {
  const lanes = watermark.lanes?.map((lane): Lane => ({ ...lane, seenMs: lane.seenMs + byMs }));
  return {
    atMs: atMs === undefined ? undefined : atMs + byMs,
    watermark: { atMs: watermark.atMs, ...(lanes === undefined ? {} : { lanes }) },
    idle: idle === undefined ? undefined : { ...idle, sinceMs: idle.sinceMs + byMs },
  };
}

function toState({ atMs, watermark, idle }: Clock, keptState: FlowState): FlowState {
  const { lanes } = watermark;
  return {
    kept: keptState,
    ...(atMs === undefined ? {} : { at: atMs }),
    ...(watermark.atMs === undefined ? {} : { watermark: watermark.atMs }),
    ...(idle === undefined ? {} : { idle: { since: idle.sinceMs, watermark: idle.watermarkMs } }),
    ...(lanes === undefined
      ? {}
      : {
          lanes: lanes.map(({ lane, maxMs, seenMs }) => ({
            lane,
            seen: seenMs,
            ...(maxMs !== undefined && { max: maxMs }),
          })),
        }),
  };
}

/** Numbers may come as any that BSON has. A stop is no silence of the source: all that it has been idle for moves on with the clock. */
function toClock(state: FlowState | undefined, atMs: number | undefined): Clock {
  const reachedMs = numberOf(state?.["at"]);
  const seenMs = (value: unknown): number => numberOf(value) ?? reachedMs ?? 0;
  const stored = state?.["lanes"] as readonly Document[] | undefined;
  const lanes = stored?.map(({ lane, max, seen }): Lane => ({
    lane: String(lane),
    maxMs: numberOf(max),
    seenMs: seenMs(seen),
  }));
  const idle = state?.["idle"] as Document | undefined;
  const watermarkMs = numberOf(idle?.["watermark"]);
  const clock: Clock = {
    atMs: reachedMs,
    watermark: { atMs: numberOf(state?.["watermark"]), ...(lanes === undefined ? {} : { lanes }) },
    idle: watermarkMs === undefined ? undefined : { sinceMs: seenMs(idle?.["since"]), watermarkMs },
  };
  return atMs === undefined || reachedMs === undefined ? clock : moveIdle(clock, atMs - reachedMs);
}

function numberOf(value: unknown): number | undefined {
  return value === undefined ? undefined : Number(value);
}
