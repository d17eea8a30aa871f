import type { RebuildGoal } from "../../deploy/rebuild/check-phase.ts";
import { findingsToJson } from "../../diagnostics/findings-to-json.ts";
import { Interruption } from "../context.ts";
import { defineCommand } from "../define-command.ts";
import { Exit, exitOf } from "../exit.ts";
import { countsAsFailure, type Outcome } from "../outcome.ts";
import type { RunRebuildOptions } from "../run-rebuild.ts";
import { previewOptions, readMembers } from "../deploy/plan-options.ts";
import { UsageError } from "../usage-error.ts";
import { withoutResult } from "../without-result.ts";

export const rebuild = defineCommand({
  name: "rebuild",
  summary: "Build a read model anew beside the old one, compare the two, and swap them",
  about:
    "Folds the stored events into a collection beside the live one, has a processor of its own follow the stream from before that,\n" +
    "waits until it has caught up, compares both, and has the new one take the live one's place. The old one is kept. Interrupted\n" +
    "anywhere, it goes on where it was when it is run again.\n\n" +
    "Before the swap it asks. Where nobody can be asked, it stops there without --yes, and the new version goes on following the stream.\n\n" +
    "Exit code: 0 whether or not the two differ; 1 where the projection cannot be rebuilt, what is asked for does not fit how far\n" +
    "the rebuild has come, or the answer to dropping something was no; 3 where the workspace or a cluster refuses.",
  examples: [
    "asp rebuild orders -e production",
    "asp rebuild orders -e production --swap",
    "asp rebuild orders -e production --yes",
    "asp rebuild orders -e production --rollback",
    "asp rebuild orders -e staging --suffix pr-42 --yes",
  ],
  operands: { spec: "<projection>", about: "its name" },
  options: {
    yes: { flag: "--yes", about: "without a question" },
    swap: { flag: "--swap", about: "put what was built in place, without comparing again" },
    noSwap: { flag: "--no-swap", about: "stop when both are compared" },
    rollback: { flag: "--rollback", about: "put the version from before the last rebuild in place again" },
    dropOld: { flag: "--drop-old", about: "let go of the version from before the last rebuild" },
    abort: { flag: "--abort", about: "give up a rebuild, and take away what it has made" },
    ...previewOptions,
  },
  async run({ operands: [name = ""], options }, ctx): Promise<Outcome> {
    const goal = goalOf(options);
    if (ctx.globals.env === undefined) throw new UsageError("rebuild needs an environment", "name it: `-e production`");
    const { suffix } = options;
    const members = readMembers(suffix, options.only);
    if (members.length > 0 && !members.includes(name)) {
      throw new UsageError(`the preview has no \`${name}\``, "name it with `--only`, too");
    }
    const { openProject } = await import("../open-project.ts");
    const project = await openProject(ctx, [name], { suffix, members });
    const { environment, source } = project;
    if (environment === undefined || countsAsFailure(project.findings, { strict: false })) {
      return withoutResult(project.findings, source);
    }
    const [opening, running, listening, holding, rendering, checking, { confirm }] = await Promise.all([
      import("../open-rebuild.ts"),
      import("../run-rebuild.ts"),
      import("../listen-to-rebuild.ts"),
      import("../hold-off.ts"),
      import("../render/rebuild-text.ts"),
      import("../../deploy/rebuild/check-rebuild.ts"),
      import("../deploy/confirm.ts"),
    ]);
    // A swap left in the middle would leave nobody a read model.
    const heldOff = holding.holdOff(ctx, () => ctx.progress(holding.finishing));
    const held = { ...ctx, signal: heldOff.signal };
    const { on, skipped, end } = listening.listenToRebuild(held);
    const builds = goal === "build" || goal === "swap";
    const { opened, findings: found } = await opening.openRebuild(
      { ...project, environment },
      { name, on, builds },
      held,
    );
    const before = [...project.findings, ...found];
    if (opened === undefined) return withoutResult(before, source);
    const { parts, digest } = opened;
    const exclusively: RunRebuildOptions["exclusively"] = (work) =>
      opened.exclusively((lost) => heldOff.finish(() => work(lost)));
    try {
      const { live, next, old } = parts.collections;
      const maySwap: RunRebuildOptions["maySwap"] = async (comparison, isLiveRunning) => {
        if (options.yes || options.noSwap || ctx.ask === undefined) return options.yes;
        end();
        if (comparison !== undefined) ctx.progress(rendering.renderComparison(comparison, isLiveRunning).join("\n"));
        return await confirm(`Put the new version of ${live} in place?`, false, ctx);
      };
      const question =
        goal === "drop-old" ? `Drop ${old}? There is no way back then.` : `Drop ${next} and what was built?`;
      const mayDrop = (): Promise<boolean> => confirm(question, options.yes, ctx);
      const asked = { goal, digest, maySwap, mayDrop, exclusively };
      const { result, findings: refused } = await running.runRebuild(parts, asked);
      if (result === undefined) return withoutResult([...before, ...refused], source);
      const left = result.events?.skipped ?? 0;
      const lost =
        left === 0
          ? []
          : [checking.eventsSkipped({ processor: parts.processors.live }, { count: left, first: skipped })];
      const findings = [...before, ...lost];
      const { comparison, isLiveRunning, ...rest } = result;
      const reason: unknown = ctx.signal.reason;
      const { sink, collections, processors } = parts;
      return {
        text: rendering.renderRebuild(result, {
          name,
          ...{ environment: environment.name, suffix, only: members },
          db: sink.db,
          collections,
          processors,
        }),
        json: {
          projection: name,
          environment: environment.name,
          ...(suffix !== undefined && { suffix }),
          collection: `${sink.db}.${collections.live}`,
          ...rest,
          ...(comparison && { comparison: { ...comparison, isLiveRunning } }),
          findings: findingsToJson(findings).findings,
        },
        findings,
        source,
        ...(result.outcome === "declined" && { exit: Exit.invalid }),
        ...(reason instanceof Interruption && { exit: exitOf(reason.signal) }),
      };
    } finally {
      end();
      await opened.close();
    }
  },
});

interface GoalOptions {
  readonly yes: boolean;
  readonly swap: boolean;
  readonly noSwap: boolean;
  readonly rollback: boolean;
  readonly dropOld: boolean;
  readonly abort: boolean;
}

function goalOf({ yes, swap, noSwap, rollback, dropOld, abort }: GoalOptions): RebuildGoal {
  const asked = Object.entries({
    "--swap": swap,
    "--no-swap": noSwap,
    "--rollback": rollback,
    "--drop-old": dropOld,
    "--abort": abort,
  })
    .filter(([, isAsked]) => isAsked)
    .map(([flag]) => flag);
  if (yes && noSwap) throw new UsageError("--yes and --no-swap exclude each other", "leave one of the two out");
  if (asked.length > 1) throw new UsageError(`${asked.join(" and ")} exclude each other`, "give one of them");
  if (swap) return "swap";
  if (rollback) return "roll-back";
  if (dropOld) return "drop-old";
  return abort ? "abort" : "build";
}
