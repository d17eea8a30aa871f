import type { Document } from "bson";
import { Timestamp } from "bson";
import { expect, test } from "vitest";
import { readStartOptions } from "../../../src/emulator/workspace/start-options.ts";

const stream = { connectionName: "c", db: "shop", coll: "events" };

test("without options it resumes", () => {
  expect(readStartOptions({}, stream)).toEqual({
    resumeFromCheckpoint: true,
    startAt: undefined,
    tier: undefined,
    autoscaling: undefined,
  });
});

test.each<[unknown, unknown]>([
  [new Timestamp({ t: 5, i: 1 }), new Timestamp({ t: 5, i: 1 })],
  [new Date(5), new Date(5)],
  ["2026-01-05T12:00:00Z", new Date(Date.UTC(2026, 0, 5, 12))],
])("startAtOperationTime may be %j", (given, read) => {
  expect(readStartOptions({ startAtOperationTime: given }, stream).startAt).toEqual({ startAtOperationTime: read });
});

test("the others are handed on", () => {
  const autoscaling = { enabled: true, minTier: "SP10", maxTier: "SP30" };
  const options = { startAfter: { _data: "82" }, tier: "SP30", autoscaling, resumeFromCheckpoint: false };
  expect(readStartOptions(options, stream)).toEqual({
    resumeFromCheckpoint: false,
    startAt: { startAfter: { _data: "82" } },
    tier: "SP30",
    autoscaling,
  });
});

test.each<[Document, Document, string]>([
  [{ resumeFromCheckpoints: false }, stream, "`start` has no option `resumeFromCheckpoints`"],
  [{ failover: { region: "x" } }, stream, "`failover` has no meaning here: the emulator has one region"],
  [{ resumeFromCheckpoint: "no" }, stream, "`resumeFromCheckpoint` must be true or false"],
  [{ startAtOperationTime: "noon" }, stream, "`startAtOperationTime` must be a timestamp or a date"],
  [{ startAfter: "82" }, stream, "`startAfter` must be a resume token: a document with `_data`"],
  [
    { startAfter: { _data: "82" }, startAtOperationTime: new Date(5) },
    stream,
    "`startAtOperationTime` and `startAfter` exclude each other",
  ],
  [
    { startAtOperationTime: new Date(5) },
    { connectionName: "k", topic: "t" },
    "`startAtOperationTime` needs a `$source` that reads a change stream",
  ],
  [
    { startAfter: { _data: "82" } },
    { connectionName: "sample_stream_solar" },
    "`startAfter` needs a `$source` that reads a change stream",
  ],
  [{ startAfter: { _data: "82" } }, { documents: [] }, "`startAfter` needs a `$source` that reads a change stream"],
  [{ tier: "SP20" }, stream, "`tier` must be one of SP2, SP5, SP10, SP30, SP50"],
  [
    { autoscaling: { minTier: "SP30", maxTier: "SP10" } },
    stream,
    "`autoscaling.minTier` is larger than `autoscaling.maxTier`",
  ],
])("%j is refused", (options, source, message) => {
  expect(() => readStartOptions(options, source)).toThrow(expect.objectContaining({ code: "ASP5189", message }));
});
