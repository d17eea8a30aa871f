import { describe, expect, test } from "vitest";
import { planWindow, type SessionWindowPlan } from "../../src/engine/core/plan-window.ts";
import { isOver, joinSessions, sessionsNear, type Session } from "../../src/engine/core/sessions.ts";

const plan = planWindow({
  $sessionWindow: {
    gap: { size: 10, unit: "ms" },
    allowedLateness: { size: 5, unit: "ms" },
    partitionBy: "$user",
    pipeline: [],
  },
}) as SessionWindowPlan;

const session = (startMs: number, lastMs = startMs): Session => ({ startMs, lastMs });
const join = (open: readonly Session[], timeMs: number, watermarkMs?: number) =>
  joinSessions(plan, open, timeMs, watermarkMs);

describe("a document", () => {
  test("less than a gap away joins a session, on either side", () => {
    expect(join([session(100, 120)], 129)).toEqual({
      kind: "admitted",
      session: session(100, 129),
      joins: [session(100, 120)],
    });
    expect(join([session(100, 120)], 91)).toMatchObject({ session: session(91, 120) });
  });
  test("a whole gap away begins one", () => {
    expect(join([session(100, 120)], 130)).toEqual({ kind: "admitted", session: session(130), joins: [] });
    expect(join([session(100, 120)], 90)).toMatchObject({ session: session(90), joins: [] });
  });
  test("between two sessions makes them one", () => {
    const open = [session(100, 105), session(120, 130), session(200)];
    expect(join(open, 112)).toEqual({
      kind: "admitted",
      session: session(100, 130),
      joins: [session(100, 105), session(120, 130)],
    });
  });
  test("is late where its own session would be over and no open one takes it", () => {
    expect(join([], 100, 114)).toMatchObject({ kind: "admitted" });
    expect(join([], 100, 115)).toEqual({ kind: "late" });
    expect(join([session(105, 112)], 100, 115)).toMatchObject({ kind: "admitted", session: session(100, 112) });
  });
});

test("a session is over a gap and the lateness after its last document", () => {
  expect(isOver(plan, session(100, 120), 134)).toBe(false);
  expect(isOver(plan, session(100, 120), 135)).toBe(true);
  expect(isOver(plan, session(100, 120), undefined)).toBe(false);
});

test("of sessions in the order of time, those near a time are what it joins, or where it belongs", () => {
  const open = [session(100, 105), session(120, 130), session(200)];
  expect(sessionsNear(plan, open, 112)).toEqual({ from: 0, to: 2 });
  for (let timeMs = 80; timeMs < 220; timeMs += 1) {
    const { from, to } = sessionsNear(plan, open, timeMs);
    const { joins } = { joins: [], ...join(open, timeMs) };
    expect(open.slice(from, to)).toEqual(joins);
    if (from === to)
      expect([...open.slice(0, from), session(timeMs), ...open.slice(from)]).toEqual(sorted(open, timeMs));
  }
});

function sorted(open: readonly Session[], timeMs: number): readonly Session[] {
  return [...open, session(timeMs)].toSorted((a, b) => a.startMs - b.startMs);
}
