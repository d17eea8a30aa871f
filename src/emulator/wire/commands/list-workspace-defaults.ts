import { defineCommand } from "./command.ts";
import { readOptions } from "./read-options.ts";

/** `{listWorkspaceDefaults: 1}` */
export const listWorkspaceDefaults = defineCommand({
  names: ["listWorkspaceDefaults"],
  access: { action: "listStreamProcessors" },
  run: (request, context) => {
    readOptions(request, context, { options: [] });
    const { tier, maxTier } = context.endpoint.tenant.workspace.defaults;
    return { defaultTierSize: tier, maxTierSize: maxTier };
  },
});
