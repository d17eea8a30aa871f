import type { Finding } from "../../diagnostics/finding.ts";
import { findingToJson, findingsToJson } from "../../diagnostics/findings-to-json.ts";
import type { CommandContext } from "../context.ts";
import { Exit } from "../exit.ts";
import { explainFailure } from "../explain-failure.ts";
import { openProject } from "../open-project.ts";
import type { Outcome } from "../outcome.ts";
import { renderChecked } from "../render/validate-report.ts";
import { stamp } from "./stamp.ts";
import { watchRounds, type Round } from "./watch-rounds.ts";

interface WatchOptions {
  readonly format: "text" | "json";
  readonly strict: boolean;
}

/** Checks the project at once and after every change, until it is interrupted. */
export function watchProject(names: readonly string[], options: WatchOptions, ctx: CommandContext): Promise<Outcome> {
  return watchRounds(() => check(names, options, ctx), ctx);
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
