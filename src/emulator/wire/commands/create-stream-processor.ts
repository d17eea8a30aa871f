import { defineCommand } from "./command.ts";
import { explainRefusal } from "./explain-refusal.ts";
import { readPipeline, readProcessorName } from "./read-fields.ts";
import { readOptions } from "./read-options.ts";

/** `{createStreamProcessor: name, pipeline, options: {dlq, tier, streamMetaFieldName, …}}` */
export const createStreamProcessor = defineCommand({
  names: ["createStreamProcessor"],
  access: { action: "createStreamProcessor" },
  run: async (request, context) => {
    const { tenant } = context.endpoint;
    const name = readProcessorName(request);
    const pipeline = readPipeline(request, "pipeline");
    const options = readOptions(request, context, {
      own: ["pipeline"],
      options: ["dlq", "tier", "streamMetaFieldName", "failoverEnabled", "autoscaling"],
    });
    const definition = { name, pipeline, ...(Object.keys(options).length > 0 && { options }) };
    await explainRefusal(tenant, definition, () => tenant.workspace.create(definition));
    return {};
  },
});
