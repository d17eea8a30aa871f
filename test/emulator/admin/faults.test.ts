import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decideFaults,
  noFault,
  type ArmedFault,
  type FaultPlan,
} from "../../../src/emulator/admin/faults/decide-faults.ts";
import type { Fault } from "../../../src/emulator/admin/faults/fault.ts";
import { createFaultBook } from "../../../src/emulator/admin/faults/fault-book.ts";
import { parseFaults } from "../../../src/emulator/admin/faults/parse-faults.ts";
import { rewriteReply } from "../../../src/emulator/admin/faults/rewrite-reply.ts";

const request = {
  method: "POST",
  path: "/api/atlas/v2/groups/g/streams/w/processor/p:start",
  operation: "startGroupStreamProcessor",
};
const arm = (...faults: readonly Fault[]): readonly ArmedFault[] => faults.map((fault) => ({ fault, seen: 0 }));
const planOf = (...faults: readonly Fault[]): FaultPlan => decideFaults(arm(...faults), request).plan;

describe("a fault", () => {
  test.each<[Fault, boolean]>([
    [{ status: 500 }, true],
    [{ status: 500, method: "post" }, true],
    [{ status: 500, method: "GET" }, false],
    [{ status: 500, path: "/**/processor/*:start" }, true],
    [{ status: 500, path: "/**/processor/*" }, true],
    [{ status: 500, path: "/**/processor" }, false],
    [{ status: 500, path: "/api/*/processor/p:start" }, false],
    [{ status: 500, path: "/api/atlas/v2/groups/g/streams/w/processor/p.start" }, false],
    [{ status: 500, operation: "startGroupStreamProcessor" }, true],
    [{ status: 500, operation: "stopGroupStreamProcessor" }, false],
    [{ status: 500, operation: "startGroupStreamProcessor", method: "GET" }, false],
  ])("%j is met: %s", (fault, isMet) => expect(planOf(fault) !== noFault).toBe(isMet));

  test("is met by as many as it says, after as many as it lets pass, and is then gone", () => {
    fc.assert(
      fc.property(fc.nat({ max: 5 }), fc.integer({ min: 1, max: 5 }), (skip, times) => {
        const book = createFaultBook([{ lagMs: 1, skip, times }]);
        const met = Array.from({ length: 15 }, () => book.meet(request) !== noFault);
        expect(met.map((is, index) => (is ? index : -1)).filter((index) => index >= 0)).toEqual(
          Array.from({ length: times }, (_, index) => skip + index),
        );
        expect(book.list()).toEqual([]);
      }),
    );
  });

  test("may stay for all", () => {
    const book = createFaultBook([{ lagMs: 1, always: true }]);
    for (let count = 0; count < 5; count += 1) expect(book.meet(request).lagMs).toBe(1);
    book.clear();
    expect(book.meet(request)).toBe(noFault);
  });

  test("leaves others as they are", () => {
    const armed = arm({ lagMs: 1, method: "GET" }, { lagMs: 2 });
    expect(decideFaults(armed, request).next).toEqual([armed[0]]);
  });

  test.each<[Fault, boolean]>([
    [{ lagMs: 5 }, true],
    [{ status: 504 }, false],
    [{ status: 504, applied: true }, true],
    [{ drop: "before" }, false],
    [{ drop: "after" }, true],
    [{ state: "PROVISIONING" }, true],
  ])("%j lets the change happen: %s", (fault, isApplied) => expect(planOf(fault)).toMatchObject({ isApplied }));

  test("several together: each effect is of the first that names it", () => {
    expect(planOf({ lagMs: 5 }, { lagMs: 9, numbers: "10.0" }, { status: 429, retryAfterSeconds: 7 })).toMatchObject({
      lagMs: 5,
      refusal: { status: 429, retryAfterSeconds: 7 },
      rewrite: { numbers: "10.0" },
    });
  });
});

test("a fault that names no path leaves alone what is no operation", () => {
  const token = { method: "POST", path: "/api/oauth/token", operation: undefined };
  expect(decideFaults(arm({ status: 500, always: true }), token).plan).toBe(noFault);
  expect(decideFaults(arm({ status: 500, path: "/api/oauth/*" }), token).plan).toMatchObject({
    refusal: { status: 500 },
  });
});

test("states are renamed in a resource and in each of a list", () => {
  expect(rewriteReply({ state: "READY", a: 1 }, { state: "X" })).toEqual({ state: "X", a: 1 });
  expect(rewriteReply({ results: [{ state: "READY" }, { b: 1 }] }, { state: "X" })).toEqual({
    results: [{ state: "X" }, { b: 1 }],
  });
  expect(rewriteReply({ b: 1 }, { extraField: "a" })).toEqual({ a: "unknown", b: 1 });
});

describe("a file of faults", () => {
  test("is YAML or JSON", () => {
    const fault = { method: "POST", status: 504, applied: true };
    expect(parseFaults("faults:\n  - { method: POST, status: 504, applied: true }\n", "faults.yaml")).toEqual({
      faults: [fault],
      findings: [],
    });
    expect(parseFaults(JSON.stringify({ faults: [fault] }), "faults.json").faults).toEqual([fault]);
  });

  test.each([
    ["no YAML", "faults: [", "ASP4000", "not YAML"],
    ["nothing", "", "ASP4003", "the file must be"],
    ["an unknown field", "faults: [{ colour: red }]", "ASP4002", "colour"],
    ["a number out of range", "faults: [{ status: 200 }]", "ASP4003", "at least 400"],
    ["another body", "faults: [{ status: 500, body: xml }]", "ASP4003", "one of json, html, empty"],
  ])("with %s is a finding", (_, text, code, message) => {
    const { findings } = parseFaults(text, "faults.yaml");
    expect(findings).toContainEqual(
      expect.objectContaining({ code, file: "faults.yaml", line: 1, message: expect.stringContaining(message) }),
    );
  });
});
