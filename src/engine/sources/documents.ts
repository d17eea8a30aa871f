import { serialize } from "bson";
import type { Document } from "bson";
import type { DocumentsPlan } from "../core/plan-source.ts";
import type { StageRunner } from "../stage-runner.ts";
import type { PullSource } from "./pull-source.ts";

const batchSize = 1000;
const emptyDocument = serialize({});

/**
 * Delivers inline documents once, in order, then ends. Their count is the position.
 *
 * Source: asp-language 1.1.6; an expression for `documents` is evaluated by mongod.
 */
export function createDocumentsSource({ documents }: DocumentsPlan, runner: StageRunner): PullSource {
  let all: Promise<readonly Uint8Array[]> | undefined;
  const evaluate = (): Promise<readonly Uint8Array[]> => {
    const expression = Array.isArray(documents) ? { $literal: documents } : documents;
    const stages: Document[] = [
      { $project: { _id: 0, d: expression } },
      { $unwind: "$d" },
      { $replaceRoot: { newRoot: "$d" } },
    ];
    return (all ??= runner.run(stages, [emptyDocument]));
  };
  return {
    start: async () => ({ documents: 0 }),
    async *read({ documents: from = 0 }) {
      const list = await evaluate();
      for (let start = from; start < list.length; start += batchSize) {
        const part = list.slice(start, start + batchSize);
        const events = part.map((bson, index) => ({ bson, after: { documents: start + index + 1 } }));
        yield { events, position: { documents: start + events.length } };
      }
    },
    target: async () => {
      const { length } = await evaluate();
      return (position) => (position.documents ?? 0) >= length;
    },
    stored: async () => undefined,
    close: async () => undefined,
  };
}
