import { deserialize, serialize, type Document } from "bson";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { joinFragments, splitsEvents } from "../../src/engine/core/split-events.ts";

/** As the server splits: each fragment has a token of its own and some of the fields, in order. */
function split(event: Document, cuts: readonly number[]): readonly Uint8Array[] {
  const { _id, ...rest } = event;
  const fields = Object.entries(rest);
  const places = [...new Set(cuts.map((cut) => cut % (fields.length + 1)))].toSorted((a, b) => a - b);
  const bounds = [0, ...places.filter((place) => place > 0 && place < fields.length), fields.length];
  const of = bounds.length - 1;
  return bounds.slice(1).map((to, index) => {
    const part = fields.slice(bounds[index], to);
    const token = { _data: `${String(_id._data)}${index + 1}` };
    return serialize({ _id: token, splitEvent: { fragment: index + 1, of }, ...Object.fromEntries(part) });
  });
}

const event = (n: number): Document => ({
  _id: { _data: `82${n}` },
  operationType: "update",
  clusterTime: n,
  fullDocument: { _id: n, a: [1, 2] },
  documentKey: { _id: n },
  fullDocumentBeforeChange: { _id: n, a: null },
});

test.each([
  ["6.0.5", false],
  ["6.0.8", false],
  ["6.0.9", true],
  ["6.0.19", true],
  ["6.0.9-rc0", true],
  ["6.3.2", false],
  ["7.0.0", true],
  ["7.0.28", true],
  ["8.0.1", true],
  ["10.0.0", true],
])("a server of %s splits large events: %s", (version, splits) => {
  expect(splitsEvents(version)).toBe(splits);
});

describe("fragments of a change event", () => {
  test("become the event again, with the token of the last", () => {
    const { events, pending } = joinFragments([], split(event(1), [1, 3]));
    expect(pending).toEqual([]);
    expect(events.map((bson) => Object.entries(deserialize(bson)))).toEqual([
      Object.entries({ ...event(1), _id: { _data: "8213" } }),
    ]);
  });

  test("wait for those that come later, and hold back what follows them", () => {
    const [first, ...others] = split(event(1), [1, 3]);
    const early = joinFragments([], [serialize(event(0)), first as Uint8Array]);
    expect(early.events.map((bson) => deserialize(bson))).toEqual([event(0)]);
    const late = joinFragments(early.pending, [...others, serialize(event(2))]);
    expect(late.events.map((bson) => deserialize(bson)["clusterTime"])).toEqual([1, 2]);
    expect(late.pending).toEqual([]);
  });

  test.each([
    ["the first is missing", (parts: readonly Uint8Array[]) => parts.slice(1)],
    ["one in the middle is missing", (parts: readonly Uint8Array[]) => [parts[0], parts[2]]],
    ["another event comes in between", (parts: readonly Uint8Array[]) => [parts[0], serialize(event(2))]],
  ])("are refused where %s", (_, read) => {
    expect(() => joinFragments([], read(split(event(1), [1, 3])) as Uint8Array[])).toThrow(
      /fragment \d of a change event/,
    );
  });

  test("however events are split and batches cut, the events are those that there were", () => {
    const events = fc.array(
      fc.record({
        fields: fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.jsonValue({ maxDepth: 2 })),
        cuts: fc.array(fc.nat(), { maxLength: 4 }),
      }),
      { maxLength: 6 },
    );
    const law = fc.property(events, fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }), (list, sizes) => {
      const whole = list.map(({ fields }, n) => ({ ...fields, _id: { _data: `82${n}` } }));
      const sent = whole.flatMap((each, n) => {
        const parts = split(each, list[n]?.cuts ?? []);
        return parts.length === 1 ? [serialize(each)] : parts;
      });
      const joined: Document[] = [];
      let pending: readonly Uint8Array[] = [];
      for (let at = 0, turn = 0; at < sent.length; turn += 1) {
        const size = sizes[turn % sizes.length] ?? 1;
        const step = joinFragments(pending, sent.slice(at, at + size));
        joined.push(...step.events.map((bson) => deserialize(bson)));
        pending = step.pending;
        at += size;
      }
      const bare = ({ _id, ...fields }: Document): Document => fields;
      expect(pending).toEqual([]);
      expect(joined.map(bare)).toEqual(whole.map((each) => bare(deserialize(serialize(each)))));
    });
    fc.assert(law);
  });
});
