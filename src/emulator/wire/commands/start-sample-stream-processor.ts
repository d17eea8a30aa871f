import { Long } from "bson";
import type { ProcessorInfo } from "../../workspace/workspace-types.ts";
import type { WireTenant } from "../wire-tenant.ts";
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
      {
        processor,
        sample,
        isProcess: false,
        end: () => sample.end({ discard: true }),
        failure: () => failureOf(tenant, processor),
      },
      context.session,
    );
    return { cursorId: Long.fromBigInt(cursorId) };
  },
});

/** A sample is also over where its processor has failed. */
function failureOf({ workspace }: WireTenant, processor: string): ProcessorInfo["error"] {
  const info = workspace.list().find(({ name }) => name === processor);
  return info?.state === "FAILED" ? info.error : undefined;
}
