import type { Document } from "bson";
import { describe, expect, test } from "vitest";
import { explainModify } from "../../src/compiler/explain-modify.ts";
import type { Definition } from "../../src/stages/definition.ts";

const source = { $source: { connectionName: "c", db: "shop", coll: "events" } };
const sink = { $merge: { into: { connectionName: "c", db: "shop", coll: "out" } } };
const minutes = (size: number): Document => ({ size, unit: "minute" });
const grouped = [{ $group: { _id: "$a", n: { $sum: 1 } } }];

function of(...stages: readonly Document[]): Definition {
  return { name: "p", pipeline: [source, ...stages, sink] };
}

function tumbling(args: Document = {}): Document {
  return { $tumblingWindow: { interval: minutes(5), pipeline: grouped, ...args } };
}

function hopping(args: Document = {}): Document {
  return { $hoppingWindow: { interval: minutes(5), hopSize: minutes(1), pipeline: grouped, ...args } };
}

function session(args: Document = {}): Document {
  return { $sessionWindow: { partitionBy: "$user", gap: minutes(5), pipeline: grouped, ...args } };
}

describe("a change that resumes from the checkpoint", () => {
  test("keeps it where nothing changes but the name, the tier or the dead letter queue", () => {
    const dlq = { connectionName: "c", db: "ops", coll: "dead" };
    const after: Definition = { ...of(tumbling({ pipeline: [] })), name: "q", options: { dlq, tier: "SP30" } };
    expect(explainModify(of(tumbling({ pipeline: [] })), after)).toMatchObject({
      effect: "keeps",
      rule: "unchanged",
      lost: [],
    });
  });

  test.each<[string, Definition, Definition]>([
    ["a stage is added", of(), of({ $match: { a: 1 } })],
    ["a stage is altered", of({ $match: { a: 1 } }), of({ $match: { a: 2 } })],
    ["a stage is removed", of({ $match: { a: 1 } }), of()],
    [
      "the sink is another one",
      of(),
      { name: "p", pipeline: [source, { $emit: { connectionName: "k", topic: "t" } }] },
    ],
    ["a window is added", of(), of(tumbling())],
  ])("keeps it where %s", (_, before, after) => {
    expect(explainModify(before, after)).toMatchObject({ effect: "keeps", rule: "stateless-change", lost: [] });
  });

  test.each<[string, Document, Document]>([
    ["the inner pipeline changes", tumbling(), tumbling({ pipeline: [{ $group: { _id: "$b" } }] })],
    ["the inner pipeline only sorts", tumbling({ pipeline: [{ $sort: { a: 1 } }] }), tumbling()],
    ["the same interval is written in another way", tumbling(), tumbling({ interval: { size: 300, unit: "second" } })],
    ["the lateness changes", tumbling(), tumbling({ allowedLateness: minutes(1) })],
    ["the default boundary is written out", session(), session({ boundary: "eventTime" })],
  ])("keeps it, and open windows are computed anew, where %s", (_, before, after) => {
    expect(explainModify(of(before), of(after))).toMatchObject({ effect: "keeps", rule: "within-window", lost: [] });
  });

  test.each<[string, Document, Document]>([
    ["a field of `config`", source, { $source: { ...source.$source, config: { fullDocumentOnly: true } } }],
    ["the collection", source, { $source: { ...source.$source, coll: "others" } }],
    ["its kind", source, { $source: { documents: [] } }],
  ])("is refused where `$source` changes: %s", (_, before, after) => {
    const effect = explainModify({ name: "p", pipeline: [before, sink] }, { name: "p", pipeline: [after, sink] });
    expect(effect).toMatchObject({ effect: "refused", rule: "source-changed", lost: ["the position in `$source`"] });
  });

  test.each<[string, Document, Document]>([
    ["the interval", tumbling(), tumbling({ interval: minutes(10) })],
    ["hopSize", hopping(), hopping({ hopSize: minutes(2) })],
    ["the gap", session(), session({ gap: minutes(2) })],
    ["partitionBy", session(), session({ partitionBy: "$other" })],
    ["the offset", tumbling(), tumbling({ offset: { offsetFromUtc: 1, unit: "minute" } })],
    ["the boundary", tumbling(), tumbling({ boundary: "processingTime" })],
  ])("is refused where a window changes in %s", (_, before, after) => {
    expect(explainModify(of(before), of(after))).toMatchObject({ effect: "refused", rule: "window-interval-changed" });
  });

  test("is refused where the window goes", () => {
    expect(explainModify(of(tumbling()), of({ $match: {} }))).toMatchObject({
      effect: "refused",
      rule: "window-removed",
      lost: ["the position in `$source`", "the documents of open windows of `$tumblingWindow`"],
    });
  });

  test("is refused where the window becomes one of another type", () => {
    expect(explainModify(of(tumbling()), of(hopping()))).toMatchObject({
      effect: "refused",
      rule: "window-type-changed",
    });
  });

  test.each<[string, Document, Document]>([
    ["the inner pipeline", tumbling({ pipeline: [{ $match: {} }] }), tumbling()],
    ["a stage after the window", tumbling({ pipeline: [] }), tumbling({ pipeline: [] })],
  ])("is refused where the inner pipeline has neither `$group` nor `$sort`: %s", (_, before, after) => {
    const effect = explainModify(of(before), of(after, { $match: { n: 1 } }));
    expect(effect).toMatchObject({ effect: "refused", rule: "window-not-recomputable" });
  });
});

test("without resuming everything may change, and position and windows are lost", () => {
  const effect = explainModify(
    of(tumbling()),
    { name: "p", pipeline: [{ $source: { documents: [] } }, sink] },
    { resumeFromCheckpoint: false },
  );
  expect(effect).toMatchObject({
    effect: "discards",
    rule: "checkpoint-given-up",
    lost: ["the position in `$source`", "the documents of open windows of `$tumblingWindow`"],
  });
});
