import { Long } from "bson";
import { defineCommand } from "./command.ts";
import { readCount, readProcessorName } from "./read-fields.ts";
import { readOptions } from "./read-options.ts";

/** `{startSampleStreamProcessor: name, limit?}` → `cursorId`, and no documents yet. */
export const startSampleStreamProcessor = defineCommand({
  names: ["startSampleStreamProcessor"],
  access: { action: "sampleStreamProcessor" },
  run: (request, context) => {
    const { tenant, samples } = context.endpoint;
    const processor = readProcessorName(request);
    const limit = readCount(request, readOptions(request, context, { options: ["limit"] }), "limit");
    samples.demandRoom();
    const sample = tenant.workspace.sample(processor, limit === undefined ? {} : { limit });
    const cursorId = samples.add(
      { processor, sample, isProcess: false, end: () => sample.end({ discard: true }) },
      context.session,
    );
    return { cursorId: Long.fromBigInt(cursorId) };
  },
});
