import { defineCommand } from "../define-command.ts";
import { UsageError } from "../usage-error.ts";
import { withoutResult } from "../without-result.ts";

export const shell = defineCommand({
  name: "shell",
  summary: "Open mongosh at the workspace of an environment",
  about:
    "Needs mongosh on the PATH and `uri` in the environment. The connection string reaches mongosh by an environment variable of that one\n" +
    "process, so that no list of processes shows it. What follows `--` goes to mongosh: with --eval, --file or a script it ends by itself.\n\n" +
    "Exit code: 0 where mongosh ends with 0, else 3.",
  examples: ["asp shell -e production", "asp shell -- --eval 'sp.listStreamProcessors()'", "asp shell -- check.js"],
  operands: { spec: "[args...]", about: "for mongosh, after `--`" },
  options: {},
  async run({ operands: args }, ctx) {
    if (ctx.globals.json) {
      throw new UsageError(
        "mongosh writes to the terminal itself",
        "leave out `--json`; write `-- --json --eval …` for its own",
      );
    }
    const [{ loadEnvironment, noteOthers }, { loadWireAddress }, { runMongosh }] = await Promise.all([
      import("../operate/open-workspace.ts"),
      import("../../deploy/targets/open-target.ts"),
      import("../operate/run-mongosh.ts"),
    ]);
    const { environment, others, findings, source } = await loadEnvironment(ctx);
    if (environment === undefined) return withoutResult(findings, source);
    const { env, signal, cwd } = ctx;
    const read = await loadWireAddress(environment, { env, signal, cwd });
    if (read.address === undefined) return withoutResult(noteOthers(read.findings, others), source);
    const exit = await runMongosh({ ...read.address, args }, ctx);
    return { text: "", json: undefined, exit };
  },
});
