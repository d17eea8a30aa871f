import type { ModifyOptions } from "../../workspace/workspace-types.ts";
import { CommandError, serverErrors } from "../command-error.ts";
import { defineCommand } from "./command.ts";
import { explainRefusal } from "./explain-refusal.ts";
import { readFlag, readPipeline, readProcessorName } from "./read-fields.ts";
import { readOptions } from "./read-options.ts";

/** `{modifyStreamProcessor: name, pipeline?, name?, dlq?, tier?, …}`: what is absent stays. */
export const modifyStreamProcessor = defineCommand({
  names: ["modifyStreamProcessor"],
  access: { action: "modifyStreamProcessor" },
  run: async (request, context) => {
    const { tenant } = context.endpoint;
    const processor = readProcessorName(request);
    const hasPipeline = request.body["pipeline"] !== undefined && request.body["pipeline"] !== null;
    const pipeline = hasPipeline ? readPipeline(request, "pipeline") : undefined;
    const options = readOptions(request, context, {
      own: ["pipeline"],
      options: ["name", "dlq", "resumeFromCheckpoint", "tier", "autoscaling", "failoverEnabled"],
      nullable: ["autoscaling"],
    });
    const { name } = options;
    if (name !== undefined && (typeof name !== "string" || name === "")) {
      throw new CommandError(serverErrors.typeMismatch, "`modifyStreamProcessor.name` must be a name");
    }
    const flags = ["resumeFromCheckpoint", "failoverEnabled"].map((flag) => [flag, readFlag(request, options, flag)]);
    const change: ModifyOptions = {
      ...options,
      ...Object.fromEntries(flags.filter(([, value]) => value !== undefined)),
      ...(pipeline && { pipeline }),
    };
    const definition = { name: processor, pipeline: pipeline ?? [], options };
    await explainRefusal(tenant, definition, () => tenant.workspace.modify(processor, change));
    return {};
  },
});
