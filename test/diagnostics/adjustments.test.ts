import { describe, expect, test } from "vitest";
import { applyAdjustments } from "../../src/diagnostics/apply-adjustments.ts";
import type { Adjustment, AdjustmentScope } from "../../src/diagnostics/adjustment.ts";
import type { Finding } from "../../src/diagnostics/finding.ts";
import { sortFindings } from "../../src/diagnostics/sort-findings.ts";
import { uniqueFindings } from "../../src/diagnostics/unique-findings.ts";

const finding: Finding = {
  code: "ASP1030",
  severity: "error",
  message: "there is no operator `$x`",
  processor: "orders",
  file: "pipelines/orders.ts",
  line: 7,
  column: 5,
};
const service = { mustRun: false };
const line = (at: number): AdjustmentScope => ({ kind: "line", file: "pipelines/orders.ts", line: at });
const set = (severity: Adjustment["severity"], scope: AdjustmentScope, code = "ASP1030"): Adjustment => {
  return { code, severity, reason: "because", at: {}, scope };
};

const severities = (adjustments: readonly Adjustment[], findings = [finding]) =>
  applyAdjustments(findings, adjustments, service).findings.map(({ severity }) => severity);

describe("applying", () => {
  test("changes the severity and nothing else", () => {
    expect(applyAdjustments([finding], [set("info", { kind: "config" })], service)).toEqual({
      findings: [{ ...finding, severity: "info" }],
      unused: [],
    });
  });

  test("`off` leaves the finding out", () => expect(severities([set("off", { kind: "config" })])).toEqual([]));

  test("a severity can be raised", () => {
    expect(severities([set("error", { kind: "config" })], [{ ...finding, severity: "info" }])).toEqual(["error"]);
  });

  test("a comment decides before the environment, and that before what is shared", () => {
    const shared = set("info", { kind: "config" });
    const own = set("warning", { kind: "config", environment: "staging" });
    const comment = set("off", line(7));
    expect(severities([shared, own])).toEqual(["warning"]);
    expect(severities([shared, own, comment])).toEqual([]);
    expect(applyAdjustments([finding], [shared, own, comment], service).unused).toEqual([]);
  });

  test("an environment's setting for another processor leaves the shared one in force", () => {
    const own = set("off", { kind: "config", environment: "staging", processors: ["payments"] });
    expect(severities([own, set("info", { kind: "config" })])).toEqual(["info"]);
  });

  test.each([
    ["of another code", set("off", { kind: "config" }, "ASP1006")],
    ["for another line", set("off", line(8))],
    ["for another file", set("off", { kind: "line", file: "pipelines/payments.ts", line: 7 })],
    ["for another processor", set("off", { kind: "config", processors: ["payments"] })],
  ])("one %s is unused", (_, adjustment) => {
    expect(applyAdjustments([finding], [adjustment], service)).toEqual({ findings: [finding], unused: [adjustment] });
  });

  test("a finding of no processor is none of a processor's", () => {
    const { processor: _, ...rest } = finding;
    expect(severities([set("off", { kind: "config", processors: ["orders"] })], [rest])).toEqual(["error"]);
  });

  test("a code after which there is nothing to run stays as it is", () => {
    const fixed: Finding = { ...finding, code: "ASP1001" };
    expect(severities([set("off", { kind: "config" }, "ASP1001")], [fixed])).toEqual(["error"]);
  });
});

describe("for asp's own engine", () => {
  const lower = (code: Finding["code"]) =>
    applyAdjustments([{ ...finding, code }], [set("info", { kind: "config" }, code)], { mustRun: true }).findings;

  test("an error that it cannot get over stays one, and says why", () => {
    expect(lower("ASP1005")).toEqual([
      { ...finding, code: "ASP1005", notes: ["the project lowers it, and asp cannot run the processor with it"] },
    ]);
  });

  test("what mongod judges itself is lowered", () => {
    expect(lower("ASP1030").map(({ severity, notes }) => [severity, notes])).toEqual([["info", undefined]]);
  });
});

describe("order", () => {
  const all: readonly Finding[] = [
    { ...finding, code: "ASP1003" },
    finding,
    { ...finding, message: "there is no operator `$a`" },
    { ...finding, severity: "warning", column: 1 },
    { ...finding, line: 1, severity: "info" },
    { ...finding, file: "a.ts" },
  ];
  const expected = [5, 4, 0, 2, 1, 3].map((index) => all[index]);

  test("is the same whatever the order in which they were found", () => {
    for (let turn = 0; turn < all.length; turn++) {
      expect(sortFindings([...all.slice(turn), ...all.slice(0, turn)])).toEqual(expected);
    }
    expect(sortFindings(all.toReversed())).toEqual(expected);
  });

  test("what has no place comes last and keeps its order", () => {
    const nowhere = ["ASP4150", "ASP4008"].map((code): Finding => {
      return { code: code as Finding["code"], severity: "error", message: code };
    });
    expect(sortFindings([...nowhere, finding])).toEqual([finding, ...nowhere]);
  });

  test("an exact repeat is dropped, and what differs in anything is kept", () => {
    const other = { ...finding, processor: "payments" };
    expect(uniqueFindings([finding, other, { ...finding }, { ...finding, path: [1] }])).toEqual([
      finding,
      other,
      { ...finding, path: [1] },
    ]);
  });
});
