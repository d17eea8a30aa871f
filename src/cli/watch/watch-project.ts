import { defaultConfigFile } from "../../config/load-config.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { findingToJson, findingsToJson } from "../../diagnostics/findings-to-json.ts";
import { fixturesFolder } from "../../testing/case/find-cases.ts";
import { Interruption } from "../context.ts";
import type { CommandContext } from "../context.ts";
import { Exit } from "../exit.ts";
import { explainFailure } from "../explain-failure.ts";
import { openProject } from "../open-project.ts";
import type { Outcome } from "../outcome.ts";
import { renderChecked } from "../render/validate-report.ts";
import { whenAborted } from "../when-aborted.ts";
import { watchPaths } from "./watch-paths.ts";

interface WatchOptions {
  readonly format: "text" | "json";
  readonly strict: boolean;
}

/** Checks the project at once and after every change, until it is interrupted. */
export async function watchProject(
  names: readonly string[],
  options: WatchOptions,
  ctx: CommandContext,
): Promise<Outcome> {
  const { cwd, globals, signal } = ctx;
  const own = { cwd, trees: ["pipelines", fixturesFolder], files: [globals.config ?? defaultConfigFile] };
  const watch = watchPaths();
  const aborted = whenAborted(signal);
  ctx.progress(`watching ${[...own.trees, ...own.files].join(", ")}: Ctrl-C ends it`);
  // Modules may stand anywhere: which there are, a round tells.
  let modules: readonly string[] = [];
  const follow = (): Promise<void> => watch.follow({ ...own, files: [...own.files, ...modules] });
  try {
    while (!signal.aborted) {
      // Before reading, so that no change falls between the two.
      await follow();
      const round = await check(names, options, ctx);
      modules = round.modules ?? modules;
      await follow();
      await round.now();
      await Promise.race([watch.changed(), aborted]);
    }
  } finally {
    watch.close();
  }
  const { reason } = signal;
  if (!(reason instanceof Interruption)) throw reason;
  ctx.progress(`ended by ${reason.signal}`);
  const exit = reason.signal === "SIGTERM" ? Exit.terminated : Exit.interrupted;
  return { text: "", json: undefined, jsonText: "", exit };
}

interface Round {
  /** All that were read; absent where there was no reading them. */
  readonly modules?: readonly string[];
  readonly now: () => Promise<void>;
}

async function check(names: readonly string[], { format, strict }: WatchOptions, ctx: CommandContext): Promise<Round> {
  try {
    const project = await openProject(ctx, names);
    const line =
      format === "json" ? JSON.stringify(findingsToJson(project.findings)) : renderChecked(project, { strict });
    return {
      modules: project.files,
      now: async () => {
        await tell(project.findings, project.source, format, ctx);
        ctx.stdout.write(`${stamp(format, ctx)}${line}\n`);
      },
    };
  } catch (error) {
    const { finding, exit } = explainFailure(error, ctx);
    // A file that cannot be read now can be after the next save; a bug of ours ends the watch like any other command.
    if (exit !== Exit.refused) throw error;
    return {
      now: async () => {
        await tell([finding], undefined, format, ctx);
        if (format === "json") ctx.stdout.write(`${JSON.stringify({ error: findingToJson(finding) })}\n`);
      },
    };
  }
}

async function tell(
  findings: readonly Finding[],
  source: ((file: string) => string | undefined) | undefined,
  format: "text" | "json",
  ctx: CommandContext,
): Promise<void> {
  if (format === "text" || !ctx.globals.quiet) await ctx.report(findings, source);
}

/** Who looks at a terminal wants to know whether a line is of now. */
function stamp(format: "text" | "json", { stdout }: CommandContext): string {
  return format === "text" && stdout.isTTY ? `[${new Date().toTimeString().slice(0, 8)}] ` : "";
}
