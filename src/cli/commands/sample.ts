import { Interruption } from "../context.ts";
import { defineCommand } from "../define-command.ts";
import { Exit } from "../exit.ts";
import { parseSeconds } from "../parse-seconds.ts";
import { suffixOption } from "../parse-suffix.ts";
import { UsageError } from "../usage-error.ts";
import { withoutResult } from "../without-result.ts";

export const sample = defineCommand({
  name: "sample",
  summary: "Show documents that a running processor writes",
  about:
    "Prints what the processor hands to its sink from now on, one document a line as Extended JSON; a dead letter comes as\n" +
    "{_dlqMessage: …}. It looks on and holds up nothing. Samples are taken by the wire protocol: where the target is the Admin API, the\n" +
    "environment needs `uri` as well.\n\n" +
    "Exit code: 0 after -n documents, after --for, or where the processor has stopped; 130 after Ctrl-C, what came until then is\n" +
    "printed.",
  examples: ["asp sample orders", "asp sample orders -n 100 > sample.ndjson", "asp sample orders --for 30 --json"],
  operands: { spec: "<name>", about: "a processor of the workspace" },
  options: {
    count: { flag: "-n, --count <number>", about: "so many documents; default 10, 0 for no limit", parse: parseCount },
    suffix: suffixOption,
    for: { flag: "--for <seconds>", about: "end after this time, however many have come", parse: parseSeconds },
  },
  async run({ operands: typed, options: { count = 10, for: seconds, suffix } }, ctx) {
    const [{ withWorkspace }, { findUnknown }, { notRunning }, { toEjson }] = await Promise.all([
      import("../operate/open-workspace.ts"),
      import("../operate/no-such-processor.ts"),
      import("../operate/not-running.ts"),
      import("../../compiler/emit/json.ts"),
    ]);
    return await withWorkspace(ctx, { door: "samples", names: typed, suffix }, async (workspace, [name = ""]) => {
      const { target } = workspace;
      const processor = await target.processor(name);
      if (processor === undefined) return withoutResult(await findUnknown([name], workspace));
      if (processor.state !== "STARTED") return withoutResult([notRunning({}, { name, state: processor.state })]);
      const time = seconds === undefined ? [] : [AbortSignal.timeout(seconds * 1000)];
      const signal = AbortSignal.any([ctx.signal, ...time]);
      const lines: string[] = [];
      ctx.progress(`waiting for what ${name} writes; Ctrl-C ends it`);
      for await (const document of target.sample(name, { signal, ...(count > 0 && { limit: count }) })) {
        const line = toEjson(document);
        if (ctx.globals.json) lines.push(line);
        else ctx.stdout.write(`${line}\n`);
      }
      const { reason } = ctx.signal;
      const isInterrupted = reason instanceof Interruption && reason.signal === "SIGINT";
      return {
        text: "",
        json: undefined,
        jsonText: lines.length === 0 ? "[]" : `[\n${lines.join(",\n")}\n]`,
        exit: isInterrupted ? Exit.interrupted : Exit.ok,
      };
    });
  },
});

function parseCount(text: string): number {
  if (!/^\d{1,9}$/u.test(text)) throw new UsageError(`\`${text}\` is no whole number`);
  return Number(text);
}
