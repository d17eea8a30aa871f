import { CommandError, serverErrors } from "../command-error.ts";
import { defineCommand } from "./command.ts";
import { readCount, readFlag, readProcessorName } from "./read-fields.ts";
import { readOptions } from "./read-options.ts";

/** `{getStreamProcessorStats: name, scale?, verbose?}` */
export const getStreamProcessorStats = defineCommand({
  names: ["getStreamProcessorStats"],
  access: { action: "streamProcessorStats" },
  run: async (request, context) => {
    const name = readProcessorName(request);
    const options = readOptions(request, context, { options: ["scale", "verbose"] });
    const verbose = readFlag(request, options, "verbose") ?? false;
    const scale = readCount(request, options, "scale") ?? 1;
    if (scale !== 1 && scale !== 1024) throw new CommandError(serverErrors.badValue, "`scale` must be 1 or 1024");
    const { ok: _, ...stats } = await context.endpoint.tenant.workspace.stats(name, { verbose, scale });
    return stats;
  },
});
