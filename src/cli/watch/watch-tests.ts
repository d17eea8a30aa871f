import { join, relative, sep } from "node:path";
import { findCases, fixturesFolder } from "../../testing/case/find-cases.ts";
import { createTestMongods } from "../../testing/run/test-mongods.ts";
import type { CommandContext } from "../context.ts";
import { Exit } from "../exit.ts";
import { explainFailure } from "../explain-failure.ts";
import type { Outcome } from "../outcome.ts";
import { runTests } from "../run-tests.ts";
import { stamp } from "./stamp.ts";
import { watchRounds, type Changes, type Round } from "./watch-rounds.ts";

export interface WatchTestsOptions {
  readonly strict: boolean;
}

/** Runs cases at once, and after every change those that it may have changed, until it is interrupted. */
export async function watchTests(
  names: readonly string[],
  { strict }: WatchTestsOptions,
  ctx: CommandContext,
): Promise<Outcome> {
  await using mongods = createTestMongods({ env: ctx.env, signal: ctx.signal, onProgress: ctx.progress });
  let failing: readonly string[] = [];
  return await watchRounds(
    async (changes, signal) => {
      const touched = await casesOf(changes, ctx.cwd);
      // A case that failed is run until it passes.
      const asked =
        touched === undefined
          ? names
          : union(
              touched.filter((name) => isAsked(name, names)),
              failing,
            );
      if (touched !== undefined && asked.length === 0) return nothingToDo;
      try {
        const run = await runTests({ names: asked, strict, mongods }, { ...ctx, signal });
        const done = run.report?.cases ?? [];
        failing = done.filter(({ ok }) => !ok).map(({ name }) => name);
        return { modules: run.files, now: () => tell(run.outcome, ctx) };
      } catch (error) {
        if (signal.aborted && !ctx.signal.aborted) return undefined;
        const { finding, exit } = explainFailure(error, ctx);
        // A file that cannot be read now can be after the next save; a bug of ours ends the watch like any other command.
        if (exit !== Exit.refused) throw error;
        return { now: () => tell({ text: "", json: { error: finding }, findings: [finding] }, ctx) };
      }
    },
    ctx,
    { cut: true },
  );
}

const nothingToDo: Round = { now: () => Promise.resolve() };

function isAsked(name: string, names: readonly string[]): boolean {
  return names.length === 0 || names.includes(name);
}

function union(one: readonly string[], other: readonly string[]): readonly string[] {
  return [...new Set([...one, ...other])];
}

/** The cases whose own files are all that has changed; undefined where it is more than that, and every case may be another. */
async function casesOf(changes: Changes, cwd: string): Promise<readonly string[] | undefined> {
  if (changes === undefined || changes.size === 0) return undefined;
  const folder = join(cwd, fixturesFolder);
  const inside = [...changes].map((path) => relative(folder, path).split(sep));
  // What has changed is in a folder below, or is the folder of a case.
  if (inside.some(([name = ""]) => name === "" || name === "..")) return undefined;
  const known = new Set(await findCases(cwd));
  return [...new Set(inside.map(([name = ""]) => name))].filter((name) => known.has(name));
}

async function tell({ findings = [], source, text, json }: Outcome, ctx: CommandContext): Promise<void> {
  await ctx.report(findings, source);
  if (ctx.globals.json) ctx.stdout.write(`${JSON.stringify(json)}\n`);
  else if (text !== "") ctx.stdout.write(`${stamp("text", ctx)}${text.trimEnd()}\n`);
}
