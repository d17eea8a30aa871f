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

/** Checks the project at once and after every change, until it is interrupted. */
export async function watchProject(
  names: readonly string[],
  options: { readonly format: "text" | "json" },
  ctx: CommandContext,
): Promise<Outcome> {
  const { cwd, globals, signal } = ctx;
  const own = { cwd, trees: ["pipelines", fixturesFolder], files: [globals.config ?? defaultConfigFile] };
  const watch = watchPaths();
  const aborted = whenAborted(signal);
  ctx.progress(`watching ${[...own.trees, ...own.files].join(", ")}: Ctrl-C ends it`);
  try {
    while (!signal.aborted) {
      // Before reading, so that no change falls between the two.
      await watch.follow(own);
      const files = await checkOnce(names, options, ctx);
      await watch.follow({ ...own, files: [...own.files, ...files] });
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

/** One round; gives the modules that were read, which may stand anywhere. */
async function checkOnce(
  names: readonly string[],
  { format }: { readonly format: "text" | "json" },
  ctx: CommandContext,
): Promise<readonly string[]> {
  try {
    const project = await openProject(ctx, names);
    await tell(project.findings, project.source, format, ctx);
    const line = format === "json" ? JSON.stringify(findingsToJson(project.findings)) : renderChecked(project);
    ctx.stdout.write(`${stamp(format, ctx)}${line}\n`);
    return project.files;
  } catch (error) {
    const { finding, exit } = explainFailure(error, ctx);
    // A file that cannot be read now can be after the next save; a bug of ours ends the watch like any other command.
    if (exit !== Exit.refused) throw error;
    await tell([finding], undefined, format, ctx);
    if (format === "json") ctx.stdout.write(`${JSON.stringify({ error: findingToJson(finding) })}\n`);
    return [];
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
