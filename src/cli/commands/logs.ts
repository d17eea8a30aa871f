import { resolve } from "node:path";
import { printable } from "../../diagnostics/printable.ts";
import { defineCommand } from "../define-command.ts";
import { suffixOption } from "../parse-suffix.ts";
import { UsageError } from "../usage-error.ts";
import { withoutResult } from "../without-result.ts";

export const logs = defineCommand({
  name: "logs",
  summary: "Download the logs of a workspace, unpacked, as lines",
  about:
    "What processors did and why they failed; with --audit who changed what. Oldest first. Logs come by the Admin API: where the target is\n" +
    "the wire protocol, the environment needs `projectId`, `workspace` and `auth` as well.\n" +
    "With --suffix and no name it is the logs of each processor of the preview, one after the other.",
  examples: [
    "asp logs -e production --since 1h",
    "asp logs orders --since 2026-11-01T12:00:00Z --until 2026-11-01T13:00:00Z",
    "asp logs --audit --out audit.log",
  ],
  operands: { spec: "[name]", about: "a processor; default: the whole workspace, or the preview" },
  options: {
    since: { flag: "--since <time>", about: "`30m`, `12h`, `7d`, or a date as ISO 8601", parse: parseTime },
    until: { flag: "--until <time>", about: "in the same forms; default: now", parse: parseTime },
    audit: { flag: "--audit", about: "who changed what, in place of what processors did" },
    suffix: suffixOption,
    out: { flag: "--out <file>", about: "write it to this file" },
  },
  async run({ operands: typed, options: { since, until, audit, suffix, out } }, ctx) {
    if (ctx.globals.json && out !== undefined) throw new UsageError("--json and --out exclude each other");
    const now = Date.now();
    const [from, to] = [since?.(now), until?.(now)];
    if (from !== undefined && from >= (to ?? new Date(now))) {
      throw new UsageError(
        "--since is not before the end",
        "give a `--since` that is before now, and before `--until`",
      );
    }
    const [{ withWorkspace }, { findUnknown }, { readLogs }, { toLogEntry }] = await Promise.all([
      import("../operate/open-workspace.ts"),
      import("../operate/no-such-processor.ts"),
      import("../operate/read-logs.ts"),
      import("../operate/to-log-entry.ts"),
    ]);
    return await withWorkspace(ctx, { door: "logs", names: typed, suffix }, async (workspace, names) => {
      const wanted = { kind: audit ? "audit" : "operational", ...(from && { from }), ...(to && { to }) } as const;
      const lines = await readLogs(workspace, { ...wanted, names }, ctx);
      if (lines.length === 0) {
        // One that was deleted still has entries: only a name that has none may be misspelt.
        const unknown = await findUnknown(names, workspace);
        if (unknown.length > 0) return withoutResult(unknown);
        ctx.progress("no entries");
      }
      const text = lines.join("\n");
      // What a log holds may come from anywhere, and must not steer the terminal.
      const shown = ctx.stdout.isTTY ? lines.map(printable).join("\n") : text;
      if (out === undefined) return { text: shown, json: lines.map(toLogEntry) };
      const { replaceFile } = await import("../replace-file.ts");
      await replaceFile(resolve(ctx.cwd, out), text === "" ? "" : `${text}\n`);
      ctx.progress(`${lines.length} entries are in ${out}`);
      return { text: "", json: undefined, jsonText: "" };
    });
  },
});

const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A time, given what time it is. */
function parseTime(text: string): (nowMs: number) => Date {
  const [, amount, unit] = /^(\d{1,6})([smhd])$/u.exec(text) ?? [];
  if (amount !== undefined && unit !== undefined) {
    const ms = Number(amount) * unitMs[unit as keyof typeof unitMs];
    return (nowMs) => new Date(nowMs - ms);
  }
  const date = new Date(/^\d{4}-\d{2}-\d{2}/u.test(text) ? text : Number.NaN);
  if (Number.isNaN(date.getTime())) {
    throw new UsageError(
      `\`${text}\` is no time: write \`30m\`, \`12h\`, \`7d\`, or a date as \`2026-11-01T12:00:00Z\``,
    );
  }
  return () => date;
}
