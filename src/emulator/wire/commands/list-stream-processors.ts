import type { Document } from "bson";
import type { ProcessorInfo } from "../../workspace/workspace-types.ts";
import { defineCommand } from "./command.ts";
import { readFilter } from "./read-fields.ts";
import { readOptions } from "./read-options.ts";

/** `{listStreamProcessors: 1, filter}`: a filter is a query over what the list shows. */
export const listStreamProcessors = defineCommand({
  names: ["listStreamProcessors"],
  access: { action: "listStreamProcessors" },
  run: async (request, context) => {
    const { workspace } = context.endpoint.tenant;
    readOptions(request, context, { own: ["filter"], options: [] });
    const filter = readFilter(request);
    const all = workspace.list().map(toDocument);
    return { streamProcessors: filter === undefined ? all : await workspace.select(all, filter) };
  },
});

function toDocument(info: ProcessorInfo): Document {
  const { id, name, lastModified, lastStateChange, state, pipeline, options, tier, autoscaling, error } = info;
  return {
    id,
    name,
    lastModified,
    lastStateChange,
    state,
    ...(error && { errorMsg: error.message, errorCode: error.server.code, errorRetryable: error.retried }),
    pipeline,
    ...(options && { options }),
    tier,
    ...(autoscaling && { autoscaling }),
  };
}
