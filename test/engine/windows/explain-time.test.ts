import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { explainTime, type TimeStep } from "../../../src/engine/core/explain-time.ts";
import { admit } from "../../../src/engine/core/fixed-windows.ts";
import { planWindow, type WindowPlan } from "../../../src/engine/core/plan-window.ts";
import type { TimeEvent } from "../../../src/engine/core/time-event.ts";
import { byDocuments, expectWindows, type Happening } from "./naive-model.ts";
import { story } from "./window-laws.ts";

/** What the engine tells of a history that comes in one source. */
function toEvents(plan: WindowPlan, history: readonly Happening[]): readonly TimeEvent[] {
  let watermarkMs = -Infinity;
  return history.map(({ id, timeMs, who }) => {
    watermarkMs = Math.max(watermarkMs, timeMs);
    const outcome = plan.kind === "fixed" ? admit(plan, timeMs, watermarkMs) : "admitted";
    return { processor: "p", kind: "document", id, timeMs, watermarkMs, arrivals: [{ outcome, partition: who }] };
  });
}

/** `0-10 of 1: 3`, as the naive model has it but with a count in the place of the documents. */
function describeClosed(step: TimeStep): readonly string[] {
  if (step.kind !== "closed") return [];
  const { startMs, endMs, partition } = step.window;
  return [`${startMs}-${endMs}${partition === undefined ? "" : ` of ${String(partition.value)}`}: ${step.documents}`];
}

describe("what is said of time", () => {
  test("closes the windows that the naive model closes, with as many documents, and calls late what it calls late", () => {
    const law = fc.property(story, ({ window, history }) => {
      const plan = planWindow(window);
      const expected = expectWindows(plan, byDocuments(history));
      const { events } = explainTime(plan, toEvents(plan, history));
      const counted = expected.closed.map((text) => {
        const [bounds = "", ids = ""] = text.split(": ");
        return `${bounds}: ${ids.split(" ").length}`;
      });
      expect(events.flatMap(({ steps }) => steps.flatMap(describeClosed)).toSorted()).toEqual(counted.toSorted());
      const late = events.flatMap(({ event, steps }) =>
        event.kind === "document" && steps.some(({ kind }) => kind === "late") ? [event.id] : [],
      );
      expect(late).toEqual(expected.late);
    });
    fc.assert(law, { numRuns: Number(process.env["ASP_PROPERTY_RUNS"] ?? 500) });
  });

  test("a window of a late document was closed by the time that is named, and none that is open is past its own", () => {
    const law = fc.property(story, ({ window, history }) => {
      const plan = planWindow(window);
      const { events, open } = explainTime(plan, toEvents(plan, history));
      const last = events.at(-1)?.event.watermarkMs ?? -Infinity;
      for (const { closesAtMs } of open) expect(closesAtMs).toBeGreaterThan(last);
      for (const { event, steps } of events) {
        for (const step of steps) {
          if (step.kind === "late") expect(step.closedAtMs).toBeLessThanOrEqual(event.watermarkMs ?? -Infinity);
        }
      }
    });
    fc.assert(law, { numRuns: Number(process.env["ASP_PROPERTY_RUNS"] ?? 500) });
  });
});
