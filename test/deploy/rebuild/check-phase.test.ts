import { Timestamp } from "bson";
import { expect, test } from "vitest";
import { checkPhase, isDone, type RebuildGoal } from "../../../src/deploy/rebuild/check-phase.ts";
import type { RebuildPhase, RebuildRecord } from "../../../src/deploy/rebuild/rebuild-record.ts";

const recordOf = (phase: RebuildPhase): RebuildRecord => ({
  _id: { workspace: "w", processor: "orders" },
  phase,
  digest: "d",
  startTime: new Timestamp({ t: 1, i: 1 }),
  filled: 0,
  skipped: 0,
  startedAt: new Date(0),
  before: { collection: true, processor: true, ran: true },
});

const phases = ["none", "filling", "following", "swapping", "swapped", "rolling-back"] as const;
/** What is answered in each phase, in the order above; a blank where the goal fits. */
const answers: Readonly<Record<RebuildGoal, readonly string[]>> = {
  build: ["", "", "", "", "ASP6115", "ASP6117"],
  swap: ["ASP6117", "", "", "", "ASP6115", "ASP6117"],
  "roll-back": ["ASP6117", "ASP6117", "ASP6117", "ASP6117", "", ""],
  "drop-old": ["ASP6117", "ASP6117", "ASP6117", "ASP6117", "", "ASP6117"],
  abort: ["ASP6117", "", "", "ASP6117", "ASP6117", "ASP6117"],
};

test.each(Object.entries(answers))("%s fits some phases, and says why it does not fit the others", (goal, expected) => {
  const found = phases.map((phase) => {
    const record = phase === "none" ? undefined : recordOf(phase);
    const findings = checkPhase(goal as RebuildGoal, record, { name: "orders", digest: "d" });
    expect(findings.every(({ message }) => message.includes("`orders`"))).toBe(true);
    return findings.map(({ code }) => code).join();
  });
  expect(found).toEqual(expected);
});

test("what was done before is not to be done again", () => {
  const doneIn = (goal: RebuildGoal, digest = "d") =>
    phases.filter((phase) => phase !== "none" && isDone(goal, recordOf(phase), digest));
  expect(doneIn("swap")).toEqual(["swapped"]);
  expect(doneIn("swap", "other")).toEqual([]);
  expect(doneIn("roll-back", "other")).toEqual(["following"]);
  expect((["build", "drop-old", "abort"] as const).flatMap((goal) => doneIn(goal))).toEqual([]);
  const { before: _, ...neverSwapped } = recordOf("following");
  expect(isDone("roll-back", neverSwapped, "d")).toBe(false);
  expect(isDone("swap", undefined, "d")).toBe(false);
});

test("a projection that has changed ends a rebuild that is under way, but not a swap that has begun", () => {
  const codes = (phase: RebuildPhase) =>
    checkPhase("build", recordOf(phase), { name: "orders", digest: "other" }).map(({ code }) => code);
  expect(codes("filling")).toEqual(["ASP6116"]);
  expect(codes("following")).toEqual(["ASP6116"]);
  expect(codes("swapping")).toEqual([]);
});
