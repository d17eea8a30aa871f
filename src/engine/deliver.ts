import type { Document } from "bson";
import { createFieldFinder, documentIn, withoutField } from "./core/bson-fields.ts";
import { decodeExact, fieldOf } from "./core/exact-bson.ts";
import { createDateReader } from "./core/path-reader.ts";
import type { SourcePlan } from "./core/plan-source.ts";
import type { EngineContext } from "./engine-context.ts";
import type { Chunk } from "./chunk.ts";
import { changeTimeOf, initialSyncMark, streamOf, wallTimeMsOf, type SourceEvent } from "./sources/batch.ts";
import { createTransform, type Delivered, type Refused } from "./transform.ts";

/** What `$source` hands on of a chunk's events, and what it refuses. */
export interface Delivery {
  readonly delivered: readonly Delivered[];
  readonly refused: readonly RefusedBySource[];
}

export interface RefusedBySource extends Refused {
  /** So many of the chunk's events were delivered before it. */
  readonly place: number;
}

/** The `$source` stage: gives each event its document, its event time and its metadata. */
export interface Deliver {
  /** @param timed whether somebody asks for the event time */
  run(chunk: Chunk): Promise<Delivery>;
  /** Has mongod parse `timeField`. */
  check(): Promise<void>;
}

/** A `timeField` reads the event as the source has it, also where only the full document is delivered. Source: asp-language 1.1.2. */
export function createDeliver(source: SourcePlan, context: EngineContext): Deliver {
  const { timeField } = source;
  if (timeField === undefined) {
    return {
      run: async (chunk) => split(source, chunk, context, () => undefined),
      check: async () => undefined,
    };
  }
  const last = { operator: "$source", expressions: { time: timeField } };
  const times = createTransform({ steps: [], readsMetadata: true, last }, context);
  const readDate = createDateReader(timeField);
  return {
    check: times.check,
    run: async (chunk) => {
      const { events } = chunk;
      const timesMs: (number | string | undefined)[] = events.map(({ bson }) => readDate?.(bson));
      const asked = timesMs.flatMap((timeMs, index) => (timeMs === undefined ? [index] : []));
      if (asked.length > 0) {
        const documents = asked.map((index) => ({
          document: events[index]?.bson ?? new Uint8Array(),
          stream: noStream,
        }));
        const { outgoing, refused } = await times.run(documents);
        for (const { values, index = 0 } of outgoing) timesMs[asked[index] ?? 0] = toTimeMs(fieldOf(values, "time"));
        for (const { index, reason } of refused) timesMs[asked[index] ?? 0] = reason;
      }
      return split(source, chunk, context, (index) => timesMs[index]);
    },
  };
}

const noStream = (): Document => ({});

/** @returns why there is none where `timeField` gives no date */
function toTimeMs(time: unknown): number | string {
  return time instanceof Date && isWithinReach(time) ? time.getTime() : notADate(time);
}

/** BSON has dates that JavaScript does not. */
function isWithinReach(time: Date): boolean {
  return !Number.isNaN(time.getTime());
}

function notADate(time: unknown): string {
  if (time instanceof Date) return "`timeField` must evaluate to a date within 270,000 years of 1970";
  const found = time === undefined ? "nothing" : time === null ? "null" : typeof time;
  return `\`timeField\` must evaluate to a date, found ${found}`;
}

/** Engine time at which an event came to be, in milliseconds since the epoch, as its source knows it. */
export function madeAt(event: SourceEvent, { timeOf }: Pick<EngineContext, "timeOf">): number | undefined {
  const clusterTime = timeOf === undefined || event.origin !== undefined ? undefined : changeTimeOf(event);
  return clusterTime === undefined ? wallTimeMsOf(event) : timeOf?.(clusterTime);
}

/** @param ownTime event time in milliseconds as `timeField` has it, or the reason why it has none */
function split(
  source: SourcePlan,
  { events, atMs }: Pick<Chunk, "events" | "atMs">,
  context: EngineContext,
  ownTime: (index: number) => number | string | undefined,
): Delivery {
  const delivered: Delivered[] = [];
  const refused: RefusedBySource[] = [];
  let index = -1;
  for (const event of events) {
    index += 1;
    const time = ownTime(index);
    const timeMs = typeof time === "number" ? time : (madeAt(event, context) ?? atMs);
    const stream = (): Document => streamFor(source, event, timeMs);
    const reason = event.origin?.refusal ?? (typeof time === "string" ? time : undefined);
    const document = documentOf(source, event);
    if (reason !== undefined) {
      const doc = decodeExact(document ?? event.bson);
      const place = delivered.length;
      refused.push({ document: doc, operator: "$source", reason, index: -1, stream: stream(), place });
    } else if (document !== undefined) {
      const lane = event.origin?.lane;
      delivered.push(lane === undefined ? { document, timeMs, stream } : { document, timeMs, stream, lane });
    }
  }
  return { delivered, refused };
}

/** What the first stage sees; with `fullDocumentOnly`, events without one deliver nothing. */
function documentOf(source: SourcePlan, { bson }: SourceEvent): Uint8Array | undefined {
  if (source.kind !== "changeStream") return bson;
  return source.fullDocumentOnly ? documentIn(bson, findFullDocument(bson)) : withoutField(bson, findSyncMark(bson));
}

const findFullDocument = createFieldFinder("fullDocument");
const findSyncMark = createFieldFinder(initialSyncMark);

/** What `{$meta: "stream"}` gives for an event. */
export function streamFor(source: SourcePlan, event: SourceEvent, timeMs: number): Document {
  const ts = new Date(timeMs);
  if (event.origin !== undefined) return { source: { ...event.origin.source, ts } };
  return source.kind === "changeStream" ? streamOf(event, timeMs) : { source: { type: "generated", ts } };
}
