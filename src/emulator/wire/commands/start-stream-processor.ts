import type { Document } from "bson";
import { CommandError, serverErrors } from "../command-error.ts";
import { defineCommand, type Request } from "./command.ts";
import { readCount, readFlag, readProcessorName } from "./read-fields.ts";
import { readOptions } from "./read-options.ts";

/**
 * `{startStreamProcessor: name, resumeFromCheckpoint, startAtOperationTime, …}`.
 *
 * Drafts of drivers call two options otherwise, `clearCheckpoints` and `enableAutoScaling`; `workers` is documented, and changes nothing here.
 */
export const startStreamProcessor = defineCommand({
  names: ["startStreamProcessor"],
  access: { action: "startStreamProcessor" },
  run: async (request, context) => {
    const name = readProcessorName(request);
    const options = readOptions(request, context, {
      options: [
        ...["resumeFromCheckpoint", "startAtOperationTime", "startAfter", "tier", "autoscaling", "failover"],
        ...["workers", "clearCheckpoints", "enableAutoScaling"],
      ],
    });
    await context.endpoint.tenant.workspace.start(name, toStartOptions(request, options));
    return {};
  },
});

function toStartOptions(request: Request, options: Document): Document {
  const { workers: _, clearCheckpoints: __, enableAutoScaling: ___, ...start } = options;
  readCount(request, options, "workers");
  const clears = readFlag(request, options, "clearCheckpoints");
  const scales = readFlag(request, options, "enableAutoScaling");
  const resumes = readFlag(request, options, "resumeFromCheckpoint");
  if (clears !== undefined && resumes !== undefined && clears === resumes) {
    throw new CommandError(serverErrors.invalidOptions, "`clearCheckpoints` and `resumeFromCheckpoint` contradict");
  }
  const resumeFromCheckpoint = resumes ?? (clears === undefined ? undefined : !clears);
  return {
    ...start,
    ...(resumeFromCheckpoint === undefined ? {} : { resumeFromCheckpoint }),
    ...(scales === undefined ? {} : { autoscaling: { enabled: scales, ...(start["autoscaling"] as Document) } }),
  };
}
