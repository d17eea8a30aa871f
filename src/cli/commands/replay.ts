import { resolve } from "node:path";
import type { ReplayProgress, ReplayReport } from "../../testing/replay/replay-report.ts";
import { defineCommand } from "../define-command.ts";
import { Exit } from "../exit.ts";
import { withoutResult } from "../without-result.ts";
import { startLiveLine } from "../render/live-line.ts";
import { renderCount, renderDuration, renderNumber } from "../render/numbers.ts";
import { renderProcessorStats } from "../render/processor-stats.ts";
import { UsageError } from "../usage-error.ts";

export const replay = defineCommand({
  name: "replay",
  summary: "Push events through the processors once and show what came out",
  about:
    "Takes a case by name, a folder of that shape, or a file of events, and runs on a mongod of its own. Where there is a\n" +
    "then/, the end state is compared with it.",
  examples: [
    "asp replay order-is-placed",
    "asp replay order-is-placed --out result --json",
    "asp replay events.ndjson --into shop.events --rate 500",
  ],
  operands: { spec: "<source>", about: "a case, a folder or a file" },
  options: {
    into: {
      flag: "--into <db.coll>",
      about: "the collection that a file's events go into; otherwise the config's `events`",
      parse: parseNamespace,
    },
    out: { flag: "--out <dir>", about: "empty this folder and write the end state there, named as under then/" },
    rate: { flag: "--rate <number>", about: "events a second; as fast as they go where not given", parse: parseRate },
  },
  async run({ operands: [source = ""], options: { into, out, rate } }, ctx) {
    const [{ loadOwnProject }, { replay: run }, { toReplayReportJson }] = await Promise.all([
      import("../open-project.ts"),
      import("../../testing/replay.ts"),
      import("../../testing/replay/replay-report.ts"),
    ]);
    const project = await loadOwnProject(ctx, [], { mustRun: true });
    if (project.environment === undefined) {
      return withoutResult(project.findings, project.source);
    }
    const live = startLiveLine(ctx);
    const report = await run(project, source, {
      env: ctx.env,
      signal: ctx.signal,
      onProgress: ctx.progress,
      onEvents: (progress) => live.update(renderProgress(progress)),
      ...(into === undefined ? {} : { into }),
      ...(out === undefined ? {} : { out: resolve(ctx.cwd, out) }),
      ...(rate === undefined ? {} : { rate }),
    }).finally(live.end);
    return {
      text: report.processors.length === 0 ? "" : renderReport(report),
      json: toReplayReportJson(report),
      findings: report.findings,
      source: project.source,
      ...(report.ok ? {} : { exit: Exit.invalid }),
    };
  },
});

function parseNamespace(text: string): string {
  if (!/^[^.]+\..+$/u.test(text)) throw new UsageError("Write a database and a collection: shop.events.");
  return text;
}

function parseRate(text: string): number {
  const rate = Number(text);
  if (!(rate > 0 && Number.isFinite(rate))) throw new UsageError("Write a number above 0.");
  return rate;
}

/** Told while events go through: how many, how fast, how far behind, how many refused. */
export function renderProgress({ events, eventsPerSecond, lagMs, deadLetters }: ReplayProgress): string {
  const rate = `${renderNumber(Math.round(eventsPerSecond))}/s`;
  return `${renderCount(events, "event")}, ${rate}, lag ${renderDuration(lagMs)}, ${renderCount(deadLetters, "dead letter")}`;
}

function renderReport({ events, seconds, eventsPerSecond, processors, differences, expected }: ReplayReport): string {
  const rate = `${renderNumber(Math.round(eventsPerSecond))} events/s`;
  const summary = `${renderCount(events, "event")} in ${renderDuration(seconds * 1_000)}, ${rate}`;
  const compared = expected === undefined ? [] : [renderComparison(expected, differences.length)];
  return [renderProcessorStats(processors), "", summary, ...compared].join("\n");
}

function renderComparison(expected: number, differences: number): string {
  const wanted = `${renderCount(expected, "document")} of then/`;
  return differences === 0
    ? `What came out equals the ${wanted}`
    : `${renderCount(differences, "difference")} from the ${wanted}`;
}
