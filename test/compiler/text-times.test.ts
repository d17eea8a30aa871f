import { describe, expect, test } from "vitest";
import { compile, merge, source } from "./support.ts";

const day = "2026-01-31";
const interval = { size: 1, unit: "minute" };
const window = (pipeline: readonly object[] = [{ $limit: 1 }], more: object = {}) => ({
  $tumblingWindow: { interval, pipeline, ...more },
});
const session = { $sessionWindow: { partitionBy: "$user", gap: interval, pipeline: [{ $limit: 1 }] } };
const prices = { $emit: { connectionName: "domain", db: "shop", coll: "prices", timeseries: { timeField: "at" } } };
const set = (fields: object) => ({ $set: fields });
const inline = (documents: readonly object[], more: object = {}) => ({ $source: { documents, ...more } });

const found = (...pipeline: readonly object[]) =>
  compile(pipeline).findings.filter(({ code }) => ["ASP3002", "ASP4181"].includes(code) || code.startsWith("ASP409"));
const codesOf = (...pipeline: readonly object[]) => found(...pipeline).map(({ code }) => code);

describe("a text in the field of event time before a window", () => {
  test.each([
    [{ _ts: day }],
    [{ _ts: "soon" }],
    [{ _ts: { $literal: day } }],
    [{ _ts: { $toString: "$at" } }],
    [{ _ts: { $dateToString: { date: "$at" } } }],
    [{ _ts: { $concat: ["$day", "T", "$time"] } }],
    [{ _ts: { $convert: { input: "$at", to: "string" } } }],
    [{ _ts: { $cond: ["$late", day, { $toString: "$at" }] } }],
    [{ _ts: { $ifNull: [{ $toString: "$at" }, day] } }],
  ])("is found in %j", (fields) => {
    expect(codesOf(source, set(fields), window(), merge)).toEqual(["ASP3002"]);
    expect(codesOf(source, { $match: { a: 1 } }, { $addFields: fields }, { $unset: "b" }, session, merge)).toEqual([
      "ASP3002",
    ]);
    expect(codesOf(source, { $project: { a: 1, ...fields } }, window(), merge)).toEqual(["ASP3002"]);
    expect(codesOf(source, { $replaceWith: { a: "$a", ...fields } }, window(), merge)).toEqual(["ASP3002"]);
  });

  test.each([
    [{ _ts: new Date(day) }],
    [{ _ts: "$at" }],
    [{ _ts: { $toDate: { $concat: ["$day", "T", "$time"] } } }],
    [{ _ts: { $ifNull: ["$at", day] } }],
    [{ _ts: { $cond: ["$late", "$at", { $toString: "$at" }] } }],
    [{ _ts: { $convert: { input: "$at", to: "date" } } }],
    [{ _ts: { $convert: { input: "$at", to: "string", onError: "$at" } } }],
    [{ _ts: { $dateToString: { date: "$at", onNull: "$_ts" } } }],
    [{ at: day }],
    [{ "data._ts": day }],
  ])("is not found in %j", (fields) => expect(codesOf(source, set(fields), window(), merge)).toEqual([]));

  test("is found where it is written, and says which window needs a date", () => {
    expect(found(source, set({ _ts: day }), window(), merge)).toEqual([
      {
        code: "ASP3002",
        severity: "warning",
        processor: "orders",
        path: [1, "_ts"],
        message: "`_ts` must be a date for `$tumblingWindow`, and `2026-01-31` is a text",
        notes: ["a window puts a document by the date in this field"],
        help: 'write `new Date("2026-01-31")`',
      },
    ]);
    expect(found(source, set({ _ts: { $toString: "$at" } }), session, merge)[0]).toMatchObject({
      message: "`_ts` must be a date for `$sessionWindow`, and `$toString` gives a text",
      help: "wrap it in `$toDate`, or set another field",
    });
  });

  test("is none without a window on event time, or after it", () => {
    expect(codesOf(source, set({ _ts: day }), merge)).toEqual([]);
    expect(codesOf(source, set({ _ts: day }), window([{ $limit: 1 }], { boundary: "processingTime" }), merge)).toEqual(
      [],
    );
    expect(codesOf(source, window([set({ _ts: day })]), merge)).toEqual([]);
    expect(codesOf(source, window(), set({ _ts: day }), merge)).toEqual([]);
  });

  test("is followed until something else may stand in the field", () => {
    const text = set({ _ts: day });
    expect(codesOf(source, text, set({ _ts: "$at" }), window(), merge)).toEqual([]);
    expect(codesOf(source, text, { $unset: ["a", "_ts"] }, window(), merge)).toEqual([]);
    expect(codesOf(source, text, { $project: { a: 1 } }, window(), merge)).toEqual([]);
    expect(codesOf(source, text, { $project: { _ts: 0 } }, window(), merge)).toEqual([]);
    expect(codesOf(source, text, { $replaceWith: "$fullDocument" }, window(), merge)).toEqual([]);
    expect(codesOf(source, text, { $unwind: { path: "$a", includeArrayIndex: "_ts" } }, window(), merge)).toEqual([]);
    const https = { $https: { connectionName: "web", as: "_ts" } };
    expect(codesOf(source, text, https, window(), merge)).toEqual([]);
    expect(codesOf(source, text, { $project: { _ts: 1 } }, window(), merge)).toEqual(["ASP3002"]);
    expect(codesOf(source, text, { $project: { a: 0 } }, window(), merge)).toEqual(["ASP3002"]);
  });

  test("the field is the one that the source names", () => {
    const renamed = { $source: { ...source.$source, tsFieldName: "at" } };
    expect(codesOf(renamed, set({ at: day }), window(), merge)).toEqual(["ASP3002"]);
    expect(codesOf(renamed, set({ _ts: day }), window(), merge)).toEqual([]);
  });

  test("a payload is a document of its own", () => {
    const https = { $https: { connectionName: "web", as: "a", payload: [set({ _ts: day })] } };
    expect(codesOf(source, https, window(), merge)).toEqual([]);
  });
});

describe("a text in `timeField` of a time series collection", () => {
  test.each([[[set({ at: { $dateToString: { date: "$_ts" } } })]], [[window([{ $limit: 1 }, set({ at: day })])]]])(
    "is found after %j",
    (stages) => expect(codesOf(source, ...stages, prices)).toEqual(["ASP3002"]),
  );

  test("names the sink", () => {
    expect(found(source, set({ at: "now" }), prices)).toMatchObject([
      {
        path: [1, "at"],
        message: "`at` must be a date for `$emit` to a time series collection, and `now` is a text",
        notes: ["a time series collection takes a document only with a date in this field"],
        help: "write a date",
      },
    ]);
  });

  test("is another field's elsewhere", () => {
    expect(codesOf(source, set({ other: day }), prices)).toEqual([]);
    expect(codesOf(source, set({ at: day }), { $emit: { connectionName: "bus", topic: "prices" } })).toEqual([]);
    expect(codesOf(source, set({ at: day }), set({ at: { $toDate: "$at" } }), prices)).toEqual([]);
    expect(codesOf(source, set({ at: day }), window([{ $group: { _id: "$sku" } }]), prices)).toEqual([]);
  });

  test("one text that two need is one mistake", () => {
    const emit = { $emit: { ...prices.$emit, timeseries: { timeField: "_ts" } } };
    expect(codesOf(source, set({ _ts: day }), window(), emit)).toEqual(["ASP3002"]);
  });
});

describe("inline documents", () => {
  const at = (value: unknown) => ({ at: value });
  const toDate = { timeField: { $toDate: "$at" } };
  const fromString = { timeField: { $dateFromString: { dateString: "$at" } } };

  test("with a text where event time goes, and no `timeField`", () => {
    expect(found(inline([{ _ts: new Date(day) }, { _ts: day }]), window(), merge)).toMatchObject([
      {
        code: "ASP3002",
        path: [0, "documents", 1, "_ts"],
        message: "`documents[1]._ts` must be a date for `$tumblingWindow`, and `2026-01-31` is a text",
        notes: ["without `timeField` the time of a document is not read from it"],
        help: 'add `timeField: { $toDate: "$_ts" }` to `$source`',
      },
    ]);
    expect(codesOf(inline([{ _ts: day }]), merge)).toEqual([]);
    expect(codesOf(inline([{ _ts: day }], { tsFieldName: "at" }), window(), merge)).toEqual([]);
    expect(codesOf(inline([{ _ts: day }], { timeField: { $toDate: "$_ts" } }), window(), merge)).toEqual([]);
    expect(codesOf(inline([{ _ts: "$literal" }]), window(), merge)).toEqual(["ASP3002"]);
  });

  test("with a text that a time series collection needs as a date", () => {
    expect(found(inline([at(day)]), prices)).toMatchObject([
      {
        message: "`documents[0].at` must be a date for `$emit` to a time series collection, and `2026-01-31` is a text",
      },
    ]);
    expect(codesOf(inline([at(new Date(day))]), prices)).toEqual([]);
  });

  test.each([
    [at("soon"), toDate],
    [at(""), toDate],
    [at(true), toDate],
    [at({ a: 1 }), toDate],
    [at("soon"), fromString],
    [at(new Date(day)), fromString],
    [at(1_700_000_000_000), fromString],
    [{ at: { time: "soon" } }, { timeField: { $toDate: "$at.time" } }],
  ])("%j has no time for %j", (document, more) => {
    expect(codesOf(inline([at(day), document], more), merge)).toEqual(["ASP4091"]);
  });

  test.each([
    [at(day), toDate],
    [at(new Date(day)), toDate],
    [at(1_700_000_000_000), toDate],
    [at(null), toDate],
    [{}, fromString],
    [at(day), fromString],
    [at("31 January 2026"), { timeField: { $dateFromString: { dateString: "$at", format: "%d %B %Y" } } }],
    [at("soon"), { timeField: { $dateFromString: { dateString: "$at", onError: new Date(0) } } }],
    [at("soon"), { timeField: { $toDate: { $ifNull: ["$other", "$at"] } } }],
  ])("%j may have a time for %j", (document, more) => expect(codesOf(inline([document], more), merge)).toEqual([]));

  test("the element is named", () => {
    expect(found(inline([at(day), at("soon")], toDate), merge)).toEqual([
      {
        code: "ASP4091",
        severity: "warning",
        processor: "orders",
        path: [0, "documents", 1, "at"],
        message: "`timeField` gets no date from `documents[1].at`",
        notes: ["`$toDate` makes no date of the text `soon`"],
        help: "write a date",
      },
    ]);
    expect(found(inline([at(new Date(day))], fromString), merge)).toMatchObject([
      { notes: ["`$dateFromString` takes a text, and this is a date"], help: 'write `timeField: { $toDate: "$at" }`' },
    ]);
  });
});

describe("a `timeField` of a change stream", () => {
  const timed = (timeField: object, config: object) => ({ $source: { ...source.$source, timeField, config } });

  test.each([
    ["$at2", "write `$fullDocument.at2`"],
    ["$data.at2", "write `$fullDocument.data.at2`"],
    ["$fullDocumnet.at2", "did you mean `fullDocument`?"],
  ])("that reads %s, which no event has, is found, whatever the documents look like", (path, help) => {
    for (const config of [{}, { fullDocumentOnly: true }]) {
      for (const timeField of [{ $toDate: path }, { $dateFromString: { dateString: path } }]) {
        expect(found(timed(timeField, config), merge)).toMatchObject([{ code: "ASP4181", severity: "warning", help }]);
      }
    }
  });

  test("may read what its own pipeline adds, and what an event has", () => {
    const pipeline = [{ $addFields: { at2: "$fullDocument.at2" } }];
    expect(codesOf(timed({ $toDate: "$at2" }, { pipeline }), merge)).toEqual([]);
    for (const path of ["$wallTime", "$fullDocument.at2", "$updateDescription.updatedFields.at2"]) {
      expect(codesOf(timed({ $toDate: path }, { fullDocumentOnly: true }), merge)).toEqual([]);
    }
  });
});

describe("a `timeField` that reads no field", () => {
  const timed = (timeField: object) => ({ $source: { ...source.$source, timeField } });

  test.each([
    [{ $toDate: "fullDocument.at2" }, "write `$fullDocument.at2`"],
    [{ $dateFromString: { dateString: "at2" } }, "write `$at2`"],
    [{ $toDate: day }, "name the field that holds the time"],
    [{ $toDate: { $literal: day } }, "name the field that holds the time"],
  ])("is found in %j", (timeField, help) => {
    expect(found(timed(timeField), merge)).toMatchObject([{ code: "ASP4090", severity: "warning", help }]);
  });

  test("is a text, the same for every event", () => {
    expect(found(timed({ $toDate: "at2" }), merge)).toEqual([
      {
        code: "ASP4090",
        severity: "warning",
        processor: "orders",
        path: [0, "timeField", "$toDate"],
        message: "`timeField` reads no field of the event: `at2` is a text",
        notes: ["it is the same for every event, so no event has a time of its own"],
        help: "write `$at2`",
      },
    ]);
  });

  test("and cannot be a date is an operand that is wrong", () => {
    expect(compile([timed({ $toDate: "at" }), merge]).findings.map(({ code }) => code)).toEqual(["ASP1064"]);
  });

  test.each([
    [{ $toDate: "$fullDocument.at" }],
    [{ $toDate: { $concat: ["$day", "T00:00"] } }],
    [{ $dateFromString: { dateString: "$fullDocument.at", format: "%Y" } }],
  ])("%j reads one", (timeField) => expect(codesOf(timed(timeField), merge)).toEqual([]));

  test("a time as text, which is no operator for it, is an error already", () => {
    for (const timeField of [{ $toString: "$at" }, { $dateToString: { date: "$at" } }, { $concat: ["$a", "$b"] }]) {
      const { findings } = compile([timed(timeField), window(), merge]);
      expect(findings.map(({ code }) => code).filter((code) => code !== "ASP5001")).toEqual(["ASP1013"]);
    }
  });
});
