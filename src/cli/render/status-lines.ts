import type { ProcessorStats } from "../../engine/engine.ts";
import type { CommandContext } from "../context.ts";
import { startLiveLine } from "./live-line.ts";
import { renderDuration, renderNumber } from "./numbers.ts";

const plainIntervalMs = 10_000;
const liveIntervalMs = 500;

/** What all processors did so far, on a TTY as one line that is replaced, elsewhere every ten seconds where it changed. */
export function startStatusLines(
  ctx: CommandContext,
  stats: () => readonly ProcessorStats[],
): { readonly end: () => void } {
  const live = startLiveLine(ctx);
  const intervalMs = ctx.stderr.isTTY ? liveIntervalMs : plainIntervalMs;
  let before = { input: 0, at: performance.now() };
  let shown = JSON.stringify(toTotals(stats()));
  const timer = setInterval(() => {
    const now = performance.now();
    const total = toTotals(stats());
    const rate = ((total.input - before.input) * 1_000) / (now - before.at);
    before = { input: total.input, at: now };
    const key = JSON.stringify(total);
    if (key === shown && !ctx.stderr.isTTY) return;
    shown = key;
    live.update(renderStatus(total, rate));
  }, intervalMs);
  return {
    end: () => {
      clearInterval(timer);
      live.end();
    },
  };
}

interface Totals {
  readonly input: number;
  readonly output: number;
  readonly deadLetters: number;
  readonly lagMs: number;
}

/** Sums over processors; the lag is the worst p95 among them. */
export function toTotals(processors: readonly Omit<ProcessorStats, "state" | "error" | "name">[]): Totals {
  const sum = (field: "input" | "output" | "deadLetters"): number =>
    processors.reduce((total, processor) => total + processor[field], 0);
  return {
    input: sum("input"),
    output: sum("output"),
    deadLetters: sum("deadLetters"),
    lagMs: Math.max(0, ...processors.map(({ lagMs }) => lagMs.p95)),
  };
}

export function renderStatus({ input, output, deadLetters, lagMs }: Totals, rate: number): string {
  const parts = [
    `${renderNumber(input)} in`,
    `${renderNumber(output)} out`,
    `${renderNumber(deadLetters)} dead letters`,
    `${renderNumber(Math.round(rate))}/s`,
    `lag p95 ${renderDuration(lagMs)}`,
  ];
  return parts.join(", ");
}
