import type { Document, Long } from "bson";
import type { Definition } from "../../../stages/definition.ts";
import type { Change } from "../../plan/change.ts";
import type { StartOptions } from "../target.ts";

/**
 * Commands to a workspace, all on the database `admin`, each a value whose first key is its name; options stand beside it, as mongosh
 * sends them. Source: asp-control-plane 3.2.
 */
export const commands = {
  processors: (): Document => ({ listStreamProcessors: 1 }),
  processor: (name: string): Document => ({ listStreamProcessors: 1, filter: { name } }),
  connections: (): Document => ({ listStreamConnections: 1 }),
  defaults: (): Document => ({ listWorkspaceDefaults: 1 }),
  stats: (name: string): Document => ({ getStreamProcessorStats: name, verbose: true }),
  startSample: (name: string, limit?: number): Document => ({
    startSampleStreamProcessor: name,
    ...(limit !== undefined && { limit }),
  }),
  moreOfSample: (name: string, cursorId: Long, batchSize: number): Document => ({
    getMoreSampleStreamProcessor: name,
    cursorId,
    batchSize,
  }),
  create: ({ name, pipeline, options = {} }: Definition): Document => {
    const { resumeFromCheckpoint: _, ...rest } = options;
    return { createStreamProcessor: name, pipeline, ...(Object.keys(rest).length > 0 && { options: rest }) };
  },
  start: (name: string, options: StartOptions): Document => ({ startStreamProcessor: name, ...options }),
  stop: (name: string): Document => ({ stopStreamProcessor: name }),
  modify: (name: string, { dlq, ...change }: Change): Document => ({
    modifyStreamProcessor: name,
    ...change,
    ...(dlq !== undefined && { dlq: dlq ?? {} }),
  }),
  drop: (name: string): Document => ({ dropStreamProcessor: name }),
} as const;
