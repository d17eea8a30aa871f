import type { Sink } from "./sink.ts";

const nothing = async (): Promise<void> => undefined;

/** Takes documents that nobody keeps: those of a pipeline without a sink, which are only looked at. */
export function createNoSink(): Sink<true> {
  return {
    operator: "",
    prepare: nothing,
    resolve: (documents) => documents.map(() => true as const),
    write: async () => [],
    flush: nothing,
    close: nothing,
  };
}
