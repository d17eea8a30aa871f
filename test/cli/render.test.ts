import { describe, expect, test } from "vitest";
import { renderCount, renderDuration, renderNumber } from "../../src/cli/render/numbers.ts";
import { toPaint } from "../../src/cli/render/paint.ts";
import { renderProcessorStats } from "../../src/cli/render/processor-stats.ts";
import { renderTable } from "../../src/cli/render/table.ts";

describe("what people read", () => {
  test.each([
    [0, "0"],
    [999, "999"],
    [50_000, "50,000"],
    [1_234_567, "1,234,567"],
    [-1_000, "-1,000"],
    [12.34, "12.3"],
    [16_543.2, "16,543"],
  ])("the number %d reads %s", (value, text) => {
    expect(renderNumber(value)).toBe(text);
  });

  test.each([
    [0, "0 ms"],
    [640.4, "640 ms"],
    [1_500, "1.5 s"],
    [90_000, "1 min 30 s"],
    [7_260_000, "2 h 1 min"],
  ])("%d ms read %s", (ms, text) => {
    expect(renderDuration(ms)).toBe(text);
  });

  test("a count has its noun in the right number", () => {
    expect([renderCount(1, "event"), renderCount(0, "event"), renderCount(2_000, "event")]).toEqual([
      "1 event",
      "0 events",
      "2,000 events",
    ]);
  });

  test("columns line up and lines end without blanks", () => {
    const table = renderTable(
      [{ heading: "name" }, { heading: "n", align: "right" }, { heading: "why" }],
      [
        ["a", "1", ""],
        ["longer", "100", "because"],
      ],
    );
    expect(table).toBe(["name      n  why", "a         1", "longer  100  because"].join("\n"));
  });

  test("processors have a state only where it is known", () => {
    const lagMs = { p50: 12, p95: 40, max: 1_200 };
    const counts = { name: "orders", input: 50_000, output: 50_000, deadLetters: 0, lagMs };
    expect(renderProcessorStats([counts])).toBe(
      [
        "processor   input  output  dead letters  lag p50    p95    max",
        "orders     50,000  50,000             0    12 ms  40 ms  1.2 s",
      ].join("\n"),
    );
    expect(renderProcessorStats([{ ...counts, state: "FAILED" }])).toContain("orders     FAILED  50,000");
  });

  test("colour is there or not, the text is the same", () => {
    expect(toPaint({ color: false }).red("x")).toBe("x");
    expect(toPaint({ color: true }).red("x")).toBe("\u001B[31mx\u001B[39m");
  });
});
