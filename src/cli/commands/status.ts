import { defineCommand } from "../define-command.ts";
import { Exit } from "../exit.ts";
import { parseSeconds } from "../parse-seconds.ts";
import { suffixOption } from "../parse-suffix.ts";
import { UsageError } from "../usage-error.ts";
import { withoutResult } from "../without-result.ts";

export const status = defineCommand({
  name: "status",
  summary: "Say what the processors of a workspace do, and how far behind they are",
  about:
    "State, tier, documents in and out since each was created, dead letters, how far it is behind its source, memory against what its\n" +
    "tier has, why it FAILED, and whether it is this project's. A figure that the service does not show is a dash.\n\n" +
    "Exit code: 0 whatever the states are; with --check 3 where a processor is FAILED. --watch goes on until Ctrl-C, which ends it\n" +
    "with 130.",
  examples: [
    "asp status -e production",
    "asp status orders --watch",
    "asp status -e production --check --json",
    "asp status -e staging --suffix pr-42",
  ],
  operands: { spec: "[names...]", about: "processors; default: all of the workspace, or of the preview" },
  options: {
    watch: { flag: "--watch", about: "show it again and again, with the rate" },
    interval: { flag: "--interval <seconds>", about: "between two looks of --watch; default 2", parse: parseSeconds },
    suffix: suffixOption,
    check: { flag: "--check", about: "end with 3 where a processor is FAILED: for monitoring" },
  },
  async run({ operands: typed, options: { watch, interval = 2, suffix, check } }, ctx) {
    if (watch && ctx.globals.json) throw new UsageError("--watch and --json exclude each other", "use one of the two");
    const [{ withWorkspace }, { readWhose }, { readStatus }, { renderStatus, toStatusReport }] = await Promise.all([
      import("../operate/open-workspace.ts"),
      import("../operate/read-whose.ts"),
      import("../operate/read-status.ts"),
      import("../render/status-table.ts"),
    ]);
    return await withWorkspace(ctx, { door: "any", names: typed, suffix }, async (workspace, names) => {
      const question = { names, ...(await readWhose(workspace, ctx)) };
      if (watch) {
        const [{ watchStatus }, { findUnknown }] = await Promise.all([
          import("../operate/watch-status.ts"),
          import("../operate/no-such-processor.ts"),
        ]);
        const unknown = await findUnknown(names, workspace);
        if (unknown.length > 0) return withoutResult(unknown);
        await watchStatus(workspace, question, { ctx, intervalMs: interval * 1000 });
      }
      const { status: read, findings } = await readStatus(workspace, question);
      // An empty table would say that the workspace has no processors.
      if (findings.length > 0 && read.processors.length === 0) return withoutResult(findings);
      const json = toStatusReport(read);
      return {
        text: renderStatus(read, { color: ctx.color.stdout }),
        json,
        findings,
        ...(check && json.failed > 0 && findings.length === 0 && { exit: Exit.refused }),
      };
    });
  },
});
