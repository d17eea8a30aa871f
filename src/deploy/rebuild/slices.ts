import type { Document } from "bson";
import { fieldPath } from "../../expressions/field-path.ts";

/** Events of some streams, all events of each: those from `from` up to, and without, `to`; an end that is open has none. */
export interface Slice {
  readonly from?: { readonly stream: unknown };
  readonly to?: { readonly stream: unknown };
  /** How many there were when it was cut. */
  readonly events: number;
}

/** Its snapshot may not grow old, and an interruption costs one slice. */
const eventsPerSlice = 20_000;
/** Without an index each slice reads the whole collection. */
const mostWithoutIndex = 12;

export function countSlices(
  events: number,
  { hasIndex, perSlice = eventsPerSlice }: { readonly hasIndex: boolean; readonly perSlice?: number | undefined },
): number {
  const wanted = Math.max(1, Math.ceil(events / perSlice));
  return hasIndex ? wanted : Math.min(wanted, mostWithoutIndex);
}

/** Cuts events into so many slices; a stream is never in two. */
export function slicingStages(streamPath: string, slices: number): readonly Document[] {
  return [
    { $project: { _id: 0, stream: streamOf(streamPath) } },
    { $bucketAuto: { groupBy: "$stream", buckets: slices } },
  ];
}

/** The slices from what {@link slicingStages} gives. The first and the last are open: streams that come later have a place, too. */
export function toSlices(buckets: readonly Document[]): readonly Slice[] {
  return buckets.map(({ _id: { min }, count }, index): Slice => {
    const next = buckets[index + 1];
    return {
      ...(index > 0 && { from: { stream: min as unknown } }),
      ...(next !== undefined && { to: { stream: next["_id"].min as unknown } }),
      events: Number(count),
    };
  });
}

/** Chooses the events of a slice. As an expression: a query would leave out streams of another type. */
export function matchSlice(streamPath: string, { from, to }: Slice): readonly Document[] {
  const stream = streamOf(streamPath);
  const ends = [
    ...(from === undefined ? [] : [{ $gte: [stream, { $literal: from.stream }] }]),
    ...(to === undefined ? [] : [{ $lt: [stream, { $literal: to.stream }] }]),
  ];
  return ends.length === 0 ? [] : [{ $match: { $expr: { $and: ends } } }];
}

function streamOf(path: string): unknown {
  return fieldPath("$", path.split("."));
}
