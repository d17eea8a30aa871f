import { defineCommand } from "../define-command.ts";
import { parseSeconds } from "../parse-seconds.ts";
import { suffixOption } from "../parse-suffix.ts";

export const stop = defineCommand({
  name: "stop",
  summary: "Stop processors of a workspace, and wait until they have stopped",
  about:
    "Nothing is lost by it: the checkpoint stays for 45 days, and a start goes on from there as long as the source still has what came\n" +
    "meanwhile. So it does not ask. One that does not run is left alone.\n\n" +
    "Ctrl-C ends the waiting, not what was stopped.\n\n" +
    "Exit code: 3 where a processor did not stop, which holds up no other; 1 where a name is not there, and then nothing is stopped.",
  examples: ["asp stop orders -e production", "asp stop orders payments"],
  operands: { spec: "<names...>", about: "processors of the workspace" },
  options: {
    suffix: suffixOption,
    timeout: { flag: "--timeout <seconds>", about: "how long to wait; default 300", parse: parseSeconds },
  },
  async run({ operands: typed, options: { suffix, timeout = 300 } }, ctx) {
    const [{ withWorkspace }, { changeStates }] = await Promise.all([
      import("../operate/open-workspace.ts"),
      import("../operate/change-states.ts"),
    ]);
    return await withWorkspace(ctx, { door: "any", names: typed, suffix }, (workspace, names) =>
      changeStates(workspace, { names, wanted: "STOPPED", timeoutSeconds: timeout }, ctx),
    );
  },
});
