import { defineCommand } from "./command.ts";
import { readFlag, readProcessorName } from "./read-fields.ts";
import { readOptions } from "./read-options.ts";

/** `{stopStreamProcessor: name}`. What `force` means is not documented; here it changes nothing. */
export const stopStreamProcessor = defineCommand({
  names: ["stopStreamProcessor"],
  access: { action: "stopStreamProcessor" },
  run: async (request, context) => {
    const name = readProcessorName(request);
    readFlag(request, readOptions(request, context, { options: ["force"] }), "force");
    await context.endpoint.tenant.workspace.stop(name);
    return {};
  },
});
