import { describe, expect, test } from "vitest";
import type { Finding } from "../../src/diagnostics/finding.ts";
import { eventPipelines } from "./event-pipelines.ts";
import { compile, merge, source } from "./support.ts";

function found(pipeline: readonly object[], more: object = {}): readonly Finding[] {
  return compile([{ $source: { ...source.$source, ...more, config: { pipeline } } }, merge]).findings;
}

describe("a change stream's own pipeline", () => {
  test.each(eventPipelines.map(({ pipeline, loses }) => [pipeline, loses] as const))(
    "%j loses %j",
    (pipeline, loses) => {
      const findings = found(pipeline);
      const said = ["_id", "wallTime", "clusterTime"].filter((field) =>
        findings.some(({ message, notes = [] }) => [message, ...notes].some((text) => text.includes(`\`${field}\``))),
      );
      expect(said).toEqual(loses);
      const codes = new Set(findings.map(({ code }) => code));
      expect(codes.has("ASP1038")).toBe(loses.includes("_id"));
    },
  );

  test("fails for a lost resume token, and the stage that loses the times too is one finding", () => {
    expect(found([{ $match: {} }, { $replaceRoot: { newRoot: "$fullDocument" } }])).toEqual([
      {
        code: "ASP1038",
        severity: "error",
        message: "`$replaceRoot` drops `_id`, the resume token of the change stream",
        processor: "orders",
        path: [0, "config", "pipeline", 1],
        notes: [
          "the cluster ends the change stream with an error at the first event that comes out of its pipeline",
          "`wallTime` and `clusterTime` must stay as they are too",
        ],
        help: "set `config.fullDocumentOnly` to true instead",
      },
    ]);
  });

  test("is warned of for lost times, by what would keep them", () => {
    const said = (pipeline: readonly object[]) =>
      found(pipeline).map(({ code, severity, message, help }) => ({ code, severity, message, help }));
    expect(said([{ $project: { fullDocument: 1 } }])).toEqual([
      {
        code: "ASP1039",
        severity: "warning",
        message: "`$project` drops `wallTime` and `clusterTime` of the change stream's events",
        help: "keep them: `wallTime: 1, clusterTime: 1`",
      },
    ]);
    expect(said([{ $set: { wallTime: "$fullDocument.at" } }])).toEqual([
      {
        code: "ASP1039",
        severity: "warning",
        message: "`$set` alters `wallTime` of the change stream's events",
        help: "leave them as they are, and name the event's own time in `timeField`",
      },
    ]);
  });

  test("is looked into in no other source, and stages after `$source` are free", () => {
    const kafka = { $source: { connectionName: "bus", topic: "t", config: {} } };
    const free = [{ $project: { _id: 0, a: 1 } }, { $replaceWith: "$fullDocument" }, { $unset: "wallTime" }];
    expect(compile([kafka, ...free, merge]).findings).toEqual([]);
    expect(compile([source, ...free, merge]).findings).toEqual([]);
  });
});
