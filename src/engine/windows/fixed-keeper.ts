import { MaxKey, MinKey } from "bson";
import type { Document } from "bson";
import type { FixedWindowPlan } from "../core/plan-window.ts";
import { admit, firstInto, firstOpen, isClosed, slotOf } from "../core/fixed-windows.ts";
import type { FlowState } from "../flow.ts";
import type { Kept, KeptDocuments } from "./kept-documents.ts";
import { mostKeptBytes, type Outcome, type WindowKeeper } from "./window-keeper.ts";

/** Slots are looked for in so many blocks at a time. */
const slotsAtOnce = 200;

/**
 * Tumbling and hopping windows. A document is kept once, by the slot that its time is in, however many windows hold it.
 *
 * Its state is the number of documents kept and the watermark up to which windows are closed.
 */
export function createFixedKeeper(plan: FixedWindowPlan, kept: KeptDocuments): WindowKeeper {
  let number = 0;
  let closedAtMs: number | undefined;
  /** Documents before this have been taken away. */
  let takenAwayMs = -Infinity;

  /** Documents of slots from one time on, before another. */
  const between = (fromMs: number, toMs: number): Document => ({
    _id: { $gte: { w: dateFrom(fromMs), n: new MinKey() }, $lt: { w: dateFrom(toMs), n: new MinKey() } },
  });

  const filterOf = (startMs: number, endMs: number): Document => ({
    ...between(startMs, endMs),
    // Where the last slot reaches beyond the end.
    ...(plan.lengthMs % plan.hopMs === 0 ? {} : { t: { $lt: new Date(endMs) } }),
    // A document may have come when this window was closed, and a later one that holds it was not.
    ...(plan.lengthMs > plan.hopMs ? { f: { $not: { $gt: new Date(startMs) } } } : {}),
  });

  /** Slots that hold documents, from one time on and before another; of at most so many blocks, several of which may be of one slot. */
  const readSlots = async (fromMs: number, toMs: number, order: 1 | -1, most: number): Promise<readonly number[]> => {
    const until = toMs === Infinity ? { w: new MaxKey() } : { w: dateFrom(toMs), n: new MinKey() };
    const filter = { _id: { $gte: { w: dateFrom(fromMs), n: new MinKey() }, $lt: until } };
    const options = { sort: { _id: order }, projection: { _id: 1 }, limit: most, batchSize: most } as const;
    const found = await kept.collection.find(filter as never, options).toArray();
    return found.map(({ _id }) => (_id as unknown as { readonly w: Date }).w.getTime());
  };

  /** The first slot from a time on, before `toMs`, asked for in ascending order; many are read at a time. */
  const slotReader = (toMs: number): ((fromMs: number) => Promise<number | undefined>) => {
    let read: readonly number[] = [];
    let isAll = false;
    return async (fromMs) => {
      let found = read.find((slotMs) => slotMs >= fromMs);
      if (found === undefined && !isAll) {
        read = await readSlots(fromMs, toMs, 1, slotsAtOnce);
        isAll = read.length < slotsAtOnce;
        [found] = read;
      }
      return found;
    };
  };

  return {
    openSpan: async () => {
      const fromMs = firstOpen(plan, closedAtMs);
      const [[first], [last]] = await Promise.all([
        readSlots(fromMs, Infinity, 1, 1),
        readSlots(fromMs, Infinity, -1, 1),
      ]);
      if (first === undefined || last === undefined) return undefined;
      return { firstMs: firstInto(plan, first, fromMs).startMs, lastMs: last };
    },
    admit: async (arrivals) => {
      const entries: Kept[] = [];
      const places = new Map<number, Document>();
      const placeOf = (slotMs: number): Document => {
        const place = places.get(slotMs) ?? { w: new Date(slotMs) };
        places.set(slotMs, place);
        return place;
      };
      const outcomes = arrivals.map(({ document, timeMs, watermarkMs, stream }): Outcome => {
        const outcome = admit(plan, timeMs, watermarkMs);
        if (outcome !== "admitted") return outcome;
        if (document.length > mostKeptBytes) return "too large";
        number += 1;
        const slotMs = slotOf(plan, timeMs);
        const openMs = firstOpen(plan, watermarkMs);
        const fromMs = openMs > firstInto(plan, timeMs, -Infinity).startMs ? openMs : undefined;
        entries.push({ at: placeOf(slotMs), number, timeMs, fromMs, document, stream });
        return outcome;
      });
      await kept.append(entries);
      return outcomes;
    },
    async *close(watermarkMs) {
      let fromMs = firstOpen(plan, closedAtMs);
      closedAtMs = watermarkMs ?? closedAtMs;
      // Most documents close nothing, and then nobody is asked.
      if (firstOpen(plan, watermarkMs) <= fromMs) return;
      // Nothing is kept meanwhile, and a closed window has no slot after the watermark.
      const firstSlot = slotReader(watermarkMs ?? Infinity);
      for (let slotMs = await firstSlot(fromMs); slotMs !== undefined; slotMs = await firstSlot(fromMs)) {
        const { startMs, endMs } = firstInto(plan, slotMs, fromMs);
        if (!isClosed(plan, endMs, watermarkMs)) break;
        yield { startMs, endMs, filter: filterOf(startMs, endMs) };
        fromMs = startMs + plan.hopMs;
      }
    },
    state: () => ({ n: number, ...(closedAtMs === undefined ? {} : { w: closedAtMs }) }),
    begin: async (state) => {
      number = Number(state?.["n"] ?? 0);
      closedAtMs = closedOf(state);
      takenAwayMs = -Infinity;
      await kept.rollBack(number);
    },
    stored: async (state) => {
      const openMs = firstOpen(plan, closedOf(state));
      if (openMs <= takenAwayMs) return;
      await kept.collection.deleteMany(between(-Infinity, openMs));
      takenAwayMs = openMs;
    },
  };
}

function closedOf(state: FlowState | undefined): number | undefined {
  const closed: unknown = state?.["w"];
  return closed === undefined ? undefined : Number(closed);
}

/** Also for a time before all others. */
function dateFrom(timeMs: number): Date | MinKey {
  return timeMs === -Infinity ? new MinKey() : new Date(timeMs);
}
