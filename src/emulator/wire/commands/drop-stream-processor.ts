import { defineCommand } from "./command.ts";
import { readFlag, readProcessorName } from "./read-fields.ts";
import { readOptions } from "./read-options.ts";

/**
 * `{dropStreamProcessor: name}`, of what `processStreamProcessor` runs, too. What `force` and `ttl` mean is not documented; here they change
 * nothing.
 */
export const dropStreamProcessor = defineCommand({
  names: ["dropStreamProcessor"],
  access: { action: "dropStreamProcessor" },
  run: async (request, context) => {
    const { tenant, samples } = context.endpoint;
    const name = readProcessorName(request);
    readFlag(request, readOptions(request, context, { options: ["force", "ttl"] }), "force");
    const wasProcess = await samples.dropProcess(name);
    if (!wasProcess) await tenant.workspace.drop(name);
    return {};
  },
});
