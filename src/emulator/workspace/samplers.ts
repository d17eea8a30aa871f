import type { Written } from "../../engine/engine.ts";
import { createSampler, type Sampler } from "./sampler.ts";

/** The samples that are taken of one processor. */
export interface Samplers {
  open(limit: number | undefined): Sampler;
  /** Gives them what has been written; it never waits. */
  offer(written: Written): undefined;
  /** Lets go of those that are over, or that nobody asks for any more. */
  sweep(): void;
  /** All of them are over. */
  end(): void;
}

export function createSamplers(workspaceName: string, now: () => number): Samplers {
  const samplers = new Set<Sampler>();
  const sweep = (): void => {
    for (const sampler of samplers) {
      sampler.sweep();
      if (sampler.isOver) samplers.delete(sampler);
    }
  };
  return {
    open: (limit) => {
      const sampler = createSampler({ workspaceName, waits: false, now, ...(limit === undefined ? {} : { limit }) });
      samplers.add(sampler);
      return sampler;
    },
    offer: (written) => {
      for (const sampler of samplers) void sampler.offer(written);
      sweep();
      return undefined;
    },
    sweep,
    end: () => {
      for (const sampler of samplers) sampler.end();
      samplers.clear();
    },
  };
}
