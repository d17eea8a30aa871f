import { defineCommand } from "./command.ts";
import { readProcessorName } from "./read-fields.ts";
import { readOptions } from "./read-options.ts";

/** `{getStreamProcessor: name}` → the processor, flat. Source: asp-control-plane 3.2, from drafts of drivers. */
export const getStreamProcessor = defineCommand({
  names: ["getStreamProcessor"],
  access: { action: "getStreamProcessor" },
  run: async (request, context) => {
    const { workspace } = context.endpoint.tenant;
    const name = readProcessorName(request);
    readOptions(request, context, { options: [] });
    const { stats } = await workspace.stats(name);
    const info = workspace.get(name);
    const { options, autoscaling, error } = info;
    return {
      id: info.id,
      name: info.name,
      state: info.state,
      pipeline: info.pipeline,
      pipelineVersion: info.pipelineVersion,
      tier: info.tier,
      ...(options?.dlq && { dlq: options.dlq }),
      ...(options?.["streamMetaFieldName"] === undefined
        ? {}
        : { streamMetaFieldName: options["streamMetaFieldName"] }),
      enableAutoScaling: autoscaling?.enabled ?? false,
      failoverEnabled: options?.failoverEnabled ?? false,
      lastModifiedAt: info.lastModified,
      lastStateChange: info.lastStateChange,
      hasStarted: info.hasStarted,
      stats,
      ...(error && { errorMsg: error.message, errorCode: error.server.code, errorRetryable: error.retried }),
    };
  },
});
