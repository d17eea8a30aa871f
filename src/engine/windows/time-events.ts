import { createFieldFinder, decodeField } from "../core/bson-fields.ts";
import { fieldOf } from "../core/exact-bson.ts";
import type { ProcessorPlan } from "../core/plan.ts";
import type { WindowPlan } from "../core/plan-window.ts";
import type { TimeArrival, TimeEvent } from "../core/time-event.ts";
import type { RefusedBySource } from "../deliver.ts";
import type { Delivered, Outgoing } from "../transform.ts";
import type { Arrival, Outcome } from "./window-keeper.ts";

/** What a window flow has decided of a chunk. */
export interface Decided {
  readonly plan: ProcessorPlan;
  readonly window: WindowPlan;
  /** Engine time of the chunk. */
  readonly atMs: number;
  /** The watermark before it, and since when the source had been silent. */
  readonly since: { readonly watermarkMs: number | undefined; readonly sinceMs: number };
  /** The watermark by the passing of time alone. */
  readonly passedMs: number | undefined;
  readonly delivered: readonly Delivered[];
  readonly refusedBySource: readonly RefusedBySource[];
  /** The watermark after each of the delivered. */
  readonly marks: readonly (number | undefined)[];
  /** What reached the window, and what became of it there. */
  readonly outgoing: readonly Outgoing[];
  readonly arrivals: readonly Arrival[];
  readonly outcomes: readonly Outcome[];
}

/** Tells of time that has passed, and then of each document, in the order of the source. */
export function* timeEvents(decided: Decided): Generator<TimeEvent> {
  const { plan, window, atMs, since, passedMs, delivered, refusedBySource, marks, outgoing, arrivals, outcomes } =
    decided;
  const processor = plan.name;
  const byClock = window.time === "processing";
  if (passedMs !== undefined && passedMs !== since.watermarkMs) {
    const kind = byClock ? "clock" : delivered.length > 0 ? "partitions" : "idle";
    yield { processor, kind, watermarkMs: passedMs, silentMs: atMs - since.sinceMs };
  }
  const own = new Map<number, TimeArrival[]>();
  for (const [at, { index = 0 }] of outgoing.entries()) {
    const arrival = { outcome: outcomes[at] ?? "admitted", partition: arrivals[at]?.partition };
    own.set(index, [...(own.get(index) ?? []), arrival]);
  }
  const isChange = plan.source.kind === "changeStream" && !plan.source.fullDocumentOnly;
  const refusedAt = (place: number): readonly TimeEvent[] =>
    refusedBySource.flatMap((one): readonly TimeEvent[] => {
      if (one.place !== place) return [];
      const key: unknown = isChange ? fieldOf(one.document, "documentKey") : one.document;
      const id = typeof key === "object" && key !== null ? fieldOf(key, "_id") : undefined;
      return [{ processor, kind: "refused", id, reason: one.reason, watermarkMs: undefined }];
    });
  for (const [index, { document, timeMs = atMs }] of delivered.entries()) {
    yield* refusedAt(index);
    const id = isChange
      ? fieldOf(decodeField(document, findKey(document)), "_id")
      : decodeField(document, findId(document));
    const time = byClock ? (passedMs ?? atMs) : timeMs;
    yield { processor, kind: "document", id, timeMs: time, watermarkMs: marks[index], arrivals: own.get(index) ?? [] };
  }
  yield* refusedAt(delivered.length);
}

const findId = createFieldFinder("_id");
const findKey = createFieldFinder("documentKey");
