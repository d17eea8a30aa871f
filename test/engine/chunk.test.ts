import { serialize } from "bson";
import { expect, test } from "vitest";
import { cutBatch } from "../../src/engine/chunk.ts";

const bytes = (value: object): Uint8Array => serialize(value);
const events = Array.from({ length: 5 }, (_, at) => ({ bson: bytes({ _id: { _data: `t${at}` }, at }) }));
const position = { token: { _data: "end" } };

test("what was made of events is cut with them, and counts from the part's first event", () => {
  const documents = ["a", "b", "c", "d"].map((name) => bytes({ name }));
  const [a, b, c, d] = documents as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const results = [
    { document: a, index: 0 },
    { document: b, index: 2 },
    { document: c, index: 2 },
    { document: d, index: 4 },
  ];
  expect([...cutBatch({ events, results, position }, () => 2)]).toEqual([
    { events: events.slice(0, 2), results: [{ document: a, index: 0 }], position: { token: { _data: "t1" } } },
    {
      events: events.slice(2, 4),
      results: [
        { document: b, index: 0 },
        { document: c, index: 0 },
      ],
      position: { token: { _data: "t3" } },
    },
    { events: events.slice(4), results: [{ document: d, index: 0 }], position },
  ]);
});

test("a batch that is small enough stays whole, and an empty one gives nothing", () => {
  expect([...cutBatch({ events, position }, () => 5)]).toEqual([{ events, results: undefined, position }]);
  expect([...cutBatch({ events: [], position }, () => 5)]).toEqual([]);
});

test("an event that is large goes alone", () => {
  const large = { bson: bytes({ _id: { _data: "large" }, text: "x".repeat(8 * 1024 * 1024) }) };
  const [first, last] = [events[0], events[1]] as [(typeof events)[number], (typeof events)[number]];
  const parts = [...cutBatch({ events: [first, large, last], position }, () => 1000)];
  expect(parts.map((part) => part.events)).toEqual([[first], [large], [last]]);
});
