import { MongoNetworkError, MongoWriteConcernError, MongoServerError } from "mongodb";
import { Long, Timestamp } from "bson";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toDeadLetter, withoutDocument } from "../../src/engine/core/dead-letter.ts";
import { isDocumentError, isPassingError } from "../../src/engine/core/document-error.ts";
import { createLagHistogram } from "../../src/engine/core/lag.ts";
import { clusterTimeOf, hasReached } from "../../src/engine/core/resume-token.ts";
import { serverReason } from "../../src/engine/core/server-reason.ts";
import { toSourceError } from "../../src/engine/core/source-error.ts";

describe("lag", () => {
  test("percentiles are within five percent of the exact ones, and the maximum is exact", () => {
    const law = fc.property(
      fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 300 }),
      (lags) => {
        const histogram = createLagHistogram();
        for (const lag of lags) histogram.record(lag);
        const sorted = lags.toSorted((a, b) => a - b);
        const exact = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
        const { p50, p95, max } = histogram.summary();
        expect(max).toBe(sorted.at(-1));
        for (const [found, wanted] of [
          [p50, exact(0.5)],
          [p95, exact(0.95)],
        ] as const) {
          expect(found).toBeGreaterThanOrEqual(wanted - 1);
          expect(found).toBeLessThanOrEqual(wanted * 1.05 + 1);
        }
      },
    );
    fc.assert(law);
  });

  test("an empty one is all zeros, and clocks that differ count as no lag", () => {
    const histogram = createLagHistogram();
    expect(histogram.summary()).toEqual({ p50: 0, p95: 0, max: 0 });
    histogram.record(-500);
    expect(histogram.summary()).toEqual({ p50: 0, p95: 0, max: 0 });
  });
});

describe("resume tokens", () => {
  const token = { _data: "8265A1B2C300000007296E04" };

  test("hold the cluster time", () => {
    expect(clusterTimeOf(token)?.toString()).toBe(new Timestamp({ t: 0x65a1b2c3, i: 7 }).toString());
    expect(clusterTimeOf({ _data: "00FF" })).toBeUndefined();
  });

  test("have reached their own time and every earlier one", () => {
    expect(hasReached(token, new Timestamp({ t: 0x65a1b2c3, i: 7 }))).toBe(true);
    expect(hasReached(token, new Timestamp({ t: 0x65a1b2c2, i: 900 }))).toBe(true);
    expect(hasReached(token, new Timestamp({ t: 0x65a1b2c3, i: 8 }))).toBe(false);
    expect(hasReached({ _data: "00" }, new Timestamp({ t: 1, i: 0 }))).toBe(false);
  });

  test("of times past 2038 are not negative", () => {
    expect(hasReached({ _data: "82F000000000000001" }, new Timestamp({ t: 0x65a1b2c3, i: 7 }))).toBe(true);
  });
});

describe("a server's reason", () => {
  const reason = "can't $divide by zero";

  test.each([
    `PlanExecutor error during aggregation :: caused by :: ${reason}`,
    `Plan executor error during update :: caused by :: ${reason}`,
    `Executor error during aggregate command on namespace: t.c :: caused by :: ${reason}`,
    `Executor error during find command :: caused by :: ${reason}`,
    `PlanExecutor error during aggregation :: caused by :: PlanExecutor error during aggregation :: caused by :: ${reason}`,
    reason,
  ])("%s", (text) => expect(serverReason(new Error(text))).toBe(reason));

  test("keeps the words that speak of the user's own stage", () => {
    const text = "Failed to parse number 'a' in $convert with no onError value :: caused by :: x";
    expect(serverReason(text)).toBe(text);
  });
});

const serverError = (code: number, more: object = {}): MongoServerError =>
  new MongoServerError({ message: "no", code, ok: 0, ...more });

describe("whose fault an error is", () => {
  test.each([2, 16, 121, 11000, 10334, 17419, 16608, 4940400, 52, 66, 241])("code %d is the document's", (code) =>
    expect([isDocumentError(serverError(code)), isPassingError(serverError(code))]).toEqual([true, false]),
  );

  test.each([13, 18, 8000, 14031, 64, 100, 237, 13388])("code %d is the world's, and does not pass by itself", (code) =>
    expect([isDocumentError(serverError(code)), isPassingError(serverError(code))]).toEqual([false, false]),
  );

  test.each([6, 7, 24, 46, 50, 89, 91, 112, 189, 262, 10107, 11600, 11602, 13435, 13436])(
    "code %d is the world's, and passes by itself",
    (code) => expect([isDocumentError(serverError(code)), isPassingError(serverError(code))]).toEqual([false, true]),
  );

  test("what was written and is not known to be safe is no document's fault, and passes as its code does", () => {
    const unsafe = (code: number): Error =>
      new MongoWriteConcernError({ ok: 1, writeConcernError: { code, errmsg: "x" } });
    expect(
      [91, 189, 11600, 64, 100].map((code) => [isDocumentError(unsafe(code)), isPassingError(unsafe(code))]),
    ).toEqual([true, true, true, false, false].map((passes) => [false, passes]));
  });

  test("a network error passes; an error of ours neither passes nor is a document's", () => {
    expect([isDocumentError(new MongoNetworkError("cut")), isPassingError(new MongoNetworkError("cut"))]).toEqual([
      false,
      true,
    ]);
    expect([isDocumentError(new TypeError("x")), isPassingError(new TypeError("x"))]).toEqual([false, false]);
    expect([isDocumentError(undefined), isPassingError(undefined)]).toEqual([false, false]);
  });

  test("what the driver cannot send is the document's", () => {
    expect(isDocumentError(new RangeError('The value of "offset" is out of range.'))).toBe(true);
    expect(isDocumentError(new Error("BSONObj size: 16793704 (0x1004068) is invalid"))).toBe(true);
  });

  test("an error that the server says to retry is not the document's", () => {
    const error = serverError(1, { errorLabels: ["RetryableWriteError"] });
    expect([isDocumentError(error), isPassingError(error)]).toEqual([false, true]);
  });
});

describe("a source that cannot go on", () => {
  const codeOf = (error: unknown): string => toSourceError(error, "shop.events", undefined).code;

  test.each([
    ["ASP5102", serverError(286)],
    ["ASP5102", serverError(1, { message: "cannot resume stream; the resume token was not found." })],
    ["ASP5103", serverError(10334)],
    ["ASP5104", serverError(47)],
    ["ASP5109", serverError(40573)],
    ["ASP5100", serverError(13)],
    ["ASP5100", new Error("anything")],
  ])("%s", (code, error) => expect(codeOf(error)).toBe(code));

  test("names the event at fault", () => {
    const error = toSourceError(serverError(10334), "shop.events", 'update of {"_id":1}');
    expect(error.message).toContain('shop.events (update of {"_id":1})');
    expect(error.help).toContain("config.pipeline");
  });
});

describe("a dead letter", () => {
  const at = new Date(0);
  const letter = toDeadLetter(
    {
      processorName: "p",
      operatorName: "$set",
      reason: "no",
      document: new Map([["_id", Long.ONE]]),
      stream: { source: {} },
    },
    at,
  );

  test("has the documented fields", () => {
    expect(letter).toMatchObject({
      processorName: "p",
      operatorName: "$set",
      errInfo: { reason: "no" },
      dlqTime: at,
      _stream_meta: { source: {} },
    });
    expect(letter["_id"]._bsontype).toBe("ObjectId");
  });

  test("without its document still says which it was", () => {
    expect(withoutDocument(letter)["doc"]).toEqual({ _id: Long.ONE });
    expect(withoutDocument(letter)["errInfo"]).toMatchObject({ reason: "no", note: expect.stringContaining("16 MB") });
  });
});
