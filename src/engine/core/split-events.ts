import { assembleDocument, createFieldFinder, decodeField, elementsIn } from "./bson-fields.ts";
import { fieldOf } from "./exact-bson.ts";

/** Whole events out of what a change stream with `$changeStreamSplitLargeEvent` has sent, and the fragments of one that is not whole yet. */
export interface Joined {
  readonly events: readonly Uint8Array[];
  readonly pending: readonly Uint8Array[];
}

/** Last in a change stream's pipeline, it cuts events that are larger than 16 MB. */
export const splitStage = "$changeStreamSplitLargeEvent";

/**
 * True for a server that has {@link splitStage}: of 7.0 and later, and of 6.0 from 6.0.9 on. Source: the same page of the MongoDB manual.
 *
 * @param version as `buildInfo` gives it, "6.0.9"
 */
export function splitsEvents(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  return major >= 7 || (major === 6 && minor === 0 && patch >= 9);
}

/**
 * Puts the fragments of large events together: each has `splitEvent: { fragment, of }`, its own `_id`, and some of the event's fields. The
 * whole has the `_id` of the last, from which a stream goes on after all of it.
 *
 * Source: `$changeStreamSplitLargeEvent` in the MongoDB manual.
 *
 * @param pending what the call before left over
 * @throws Error where fragments do not follow one another, which no server sends
 */
export function joinFragments(pending: readonly Uint8Array[], read: readonly Uint8Array[]): Joined {
  const events: Uint8Array[] = [];
  let open = [...pending];
  for (const bson of read) {
    const split = splitOf(bson);
    const expected = open.length + 1;
    if ((split?.fragment ?? 1) !== expected) {
      throw new Error(`fragment ${expected} of a change event is missing`);
    }
    if (split === undefined) {
      events.push(bson);
      continue;
    }
    open.push(bson);
    if (split.fragment < split.of) continue;
    events.push(join(open));
    open = [];
  }
  return { events, pending: open };
}

const find = { _id: createFieldFinder("_id"), splitEvent: createFieldFinder("splitEvent") };

function splitOf(bson: Uint8Array): { readonly fragment: number; readonly of: number } | undefined {
  const value = decodeField(bson, find.splitEvent(bson));
  if (value === undefined) return undefined;
  return { fragment: Number(fieldOf(value, "fragment")), of: Number(fieldOf(value, "of")) };
}

function join(fragments: readonly Uint8Array[]): Uint8Array {
  const own = fragments.map((bson) => elementsIn(bson, [find._id(bson), find.splitEvent(bson)]));
  const last = fragments.at(-1) ?? new Uint8Array();
  const id = find._id(last);
  return assembleDocument(...(id === undefined ? [] : [last.subarray(id.start, id.end)]), ...own.flat());
}
