import type { Document } from "bson";
import { createFieldFinder, documentsIn, withoutField } from "../core/bson-fields.ts";
import { decodeExact } from "../core/exact-bson.ts";
import { resultName, resultsField, type PushedReader } from "../core/push-down.ts";
import { toCondition, toPredicate } from "../core/simple-match.ts";
import { tokenOf, type Batch, type Result, type SourceEvent } from "./batch.ts";
import type { Reader } from "./tail.ts";

/** What of a change stream goes to whom. */
export interface Selection {
  /** The readers whose stages the change stream runs, in the order of their results. */
  readonly pushed: readonly PushedReader[];
  /** For a batch: the events that a reader wants, of those after the token `after`, with what was made of them for it. */
  of(events: readonly SourceEvent[]): (reader: Reader, after: string | undefined) => Pick<Batch, "events" | "results">;
}

/**
 * Prepares the sharing of a change stream.
 *
 * @param filters every filter that its readers have; the change stream delivers what passes any of them
 * @param readers those for whom it may run the stages
 */
export function createSelection(filters: readonly (readonly Document[])[], readers: readonly Reader[]): Selection {
  const isFiltered = filters.length > 1;
  const predicates = new Map(filters.map((filter) => [JSON.stringify(filter), toPredicate(filter)]));
  const places = new Map<Reader, number>();
  const pushed: PushedReader[] = [];
  for (const reader of readers) {
    const condition = isFiltered ? toCondition(reader.plan.pipeline) : undefined;
    if (reader.stages === undefined || (isFiltered && condition === undefined)) continue;
    places.set(reader, pushed.length);
    pushed.push({ stages: reader.stages, condition });
  }
  const finders = pushed.map((_, place) => createFieldFinder(resultName(place)));

  const withResults = (events: readonly SourceEvent[], place: number): Pick<Batch, "events" | "results"> => {
    const wanted: SourceEvent[] = [];
    const results: Result[] = [];
    const isOne = pushed[place]?.stages.gives === "document";
    for (const event of events) {
      const { bson } = event;
      const all = findResults(bson);
      const found = all && finders[place]?.(bson, all.offset);
      if (found === undefined) continue;
      const index = wanted.push(event) - 1;
      if (isOne) results.push({ document: bson.subarray(found.offset, found.end), index });
      else for (const document of documentsIn(bson, found)) results.push({ document, index });
    }
    return { events: wanted, results };
  };

  const of: Selection["of"] = (events) => {
    /** What those see for whom nothing was made, once for all of them. */
    let plain: readonly { readonly event: SourceEvent; readonly document: Document | undefined }[] | undefined;
    const withoutResults = (reader: Reader, isNew: (event: SourceEvent) => boolean): readonly SourceEvent[] => {
      // Nothing to take away and nothing to look at: the events are as they came.
      if (pushed.length === 0 && !isFiltered) return events.filter(isNew);
      plain ??= events.map(({ bson, ...rest }) => {
        const event = { ...rest, bson: pushed.length > 0 ? withoutField(bson, findResults(bson)) : bson };
        return { event, document: isFiltered ? decodeExact(event.bson) : undefined };
      });
      const predicate = isFiltered ? predicates.get(JSON.stringify(reader.plan.pipeline)) : undefined;
      const mine = plain.filter(({ event, document }) => isNew(event) && (predicate?.(document) ?? true));
      return mine.map(({ event }) => event);
    };
    return (reader, after) => {
      const isNew = (event: SourceEvent): boolean => after === undefined || (tokenOf(event)?._data ?? "") > after;
      const place = places.get(reader);
      return place === undefined
        ? { events: withoutResults(reader, isNew) }
        : withResults(after === undefined ? events : events.filter(isNew), place);
    };
  };

  return { pushed, of };
}

const findResults = createFieldFinder(resultsField);
