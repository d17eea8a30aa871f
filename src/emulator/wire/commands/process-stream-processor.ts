import { Long } from "bson";
import { defineCommand } from "./command.ts";
import { explainRefusal } from "./explain-refusal.ts";
import { readPipeline } from "./read-fields.ts";
import { readOptions } from "./read-options.ts";

/** `{processStreamProcessor: pipeline, options: {dlq}}`: runs it for whoever asks for its documents, under a name of its own. */
export const processStreamProcessor = defineCommand({
  names: ["processStreamProcessor"],
  access: { action: "processStreamProcessor" },
  run: async (request, context) => {
    const { tenant, samples } = context.endpoint;
    const pipeline = readPipeline(request, request.name);
    const options = readOptions(request, context, { options: ["dlq", "streamMetaFieldName", "tier"] });
    const { tier: _, ...own } = options;
    samples.demandRoom();
    const definition = { name: "process", pipeline, options: own };
    const process = await explainRefusal(tenant, definition, () => tenant.workspace.process(pipeline, own));
    const cursorId = samples.add(
      {
        processor: process.name,
        sample: process,
        isProcess: true,
        end: () => process.close(),
        failure: () => process.error,
      },
      context.session,
    );
    return { name: process.name, cursorId: Long.fromBigInt(cursorId) };
  },
});
