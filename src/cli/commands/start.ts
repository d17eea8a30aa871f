import { tierNames } from "../../stages/tiers.ts";
import { defineCommand } from "../define-command.ts";
import { Exit } from "../exit.ts";
import { parseSeconds } from "../parse-seconds.ts";
import { suffixOption } from "../parse-suffix.ts";
import type { StateReport } from "../render/operate-schemas.ts";
import { withoutResult } from "../without-result.ts";

export const start = defineCommand({
  name: "start",
  summary: "Start processors of a workspace, and wait until they run",
  about:
    "A processor goes on from its checkpoint. With --no-resume it gives its checkpoint up, and with it the events since it was stopped\n" +
    "and every open window: it asks first, or needs --yes. One that runs already is left alone.\n\n" +
    "It waits until each has been STARTED for two seconds without failing. Ctrl-C ends the waiting, not what was started.\n\n" +
    "Exit code: 3 where a processor did not start or FAILED, which holds up no other; 1 where a name is not there, or a rebuild has it\n" +
    "changing places with another version, and then nothing is started.",
  examples: [
    "asp start orders -e production",
    "asp start orders payments --tier SP30",
    "asp start orders --no-resume --yes",
  ],
  operands: { spec: "<names...>", about: "processors of the workspace" },
  options: {
    tier: { flag: "--tier <name>", about: "the tier to run on; otherwise the one that it has", choices: tierNames },
    noResume: { flag: "--no-resume", about: "give up the checkpoint: begin as a new processor would" },
    yes: { flag: "--yes", about: "with --no-resume: do not ask" },
    suffix: suffixOption,
    timeout: { flag: "--timeout <seconds>", about: "how long to wait; default 300", parse: parseSeconds },
  },
  async run({ operands: typed, options: { tier, noResume, yes, suffix, timeout = 300 } }, ctx) {
    const [{ confirm }, { withWorkspace }, { changeStates }, { findHalfSwapped }] = await Promise.all([
      import("../deploy/confirm.ts"),
      import("../operate/open-workspace.ts"),
      import("../operate/change-states.ts"),
      import("../../deploy/rebuild/find-half-swapped.ts"),
    ]);
    const options = { ...(tier && { tier }), ...(noResume && { resumeFromCheckpoint: false }) };
    return await withWorkspace(ctx, { door: "any", names: typed, suffix }, async (workspace, names) => {
      const { environment, target } = workspace;
      const processors = await target.processors();
      const { env, signal, progress: tell } = ctx;
      const swapping = await findHalfSwapped(names, { environment, env, signal, processors, suffix, tell });
      if (swapping.length > 0) return withoutResult(swapping);
      const lost = "Events since the stop are not processed, and open windows are lost.";
      // What is not there, or runs already, loses nothing: `changeStates` says so of it.
      const found = noResume ? processors : [];
      const losing = found.filter(({ name, state }) => names.includes(name) && state !== "STARTED");
      const asks = losing.length > 0 && names.every((name) => found.some((each) => each.name === name));
      const question = `${lost} Give up the checkpoint of ${losing.map(({ name }) => name).join(", ")} in ${target.label}?`;
      if (asks && !(await confirm(question, yes, ctx))) {
        const json: StateReport = { environment: environment.name, target: target.label, processors: [] };
        return { text: "Nothing was started", json, exit: Exit.invalid };
      }
      return await changeStates(workspace, { names, wanted: "STARTED", start: options, timeoutSeconds: timeout }, ctx);
    });
  },
});
