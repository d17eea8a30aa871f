import { deserialize, serialize } from "bson";
import type { Document } from "bson";
import { AspError, isAspError } from "../../diagnostics/asp-error.ts";
import { isDocumentError } from "../core/document-error.ts";
import type { DocumentsPlan } from "../core/plan-source.ts";
import { serverReason } from "../core/server-reason.ts";
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
    all ??= evaluateOnce();
    // What fails for a reason that passes by itself is asked for again.
    all.catch(() => (all = undefined));
    return all;
  };
  const evaluateOnce = async (): Promise<readonly Uint8Array[]> => {
    try {
      if (!Array.isArray(documents)) await check(documents);
      const expression = Array.isArray(documents) ? { $literal: documents } : documents;
      const stages: Document[] = [
        { $project: { _id: 0, d: expression } },
        { $unwind: "$d" },
        { $replaceRoot: { newRoot: "$d" } },
      ];
      return await runner.run(stages, [emptyDocument]);
    } catch (error) {
      throw isAspError(error) || !isDocumentError(error) ? error : cannotEvaluate(error);
    }
  };
  const check = async (expression: unknown): Promise<void> => {
    const others = { $filter: { input: "$$d", cond: { $ne: [{ $type: "$$this" }, "object"] } } };
    const other = { $cond: [{ $isArray: "$$d" }, { $type: { $first: others } }, { $type: "$$d" }] };
    const found = { $let: { vars: { d: expression }, in: { isArray: { $isArray: "$$d" }, other } } };
    const [bytes = emptyDocument] = await runner.run([{ $project: { _id: 0, found } }], [emptyDocument]);
    const { isArray, other: type } = deserialize(bytes)["found"] as {
      readonly isArray: boolean;
      readonly other: string;
    };
    if (!isArray) throw notDocuments(`an array, found ${type}`);
    if (type !== "missing") throw notDocuments(`an array of documents, found ${type} in it`);
  };
  return {
    start: async () => {
      await evaluate();
      return { documents: 0 };
    },
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

const help = "give an array of documents, or an expression that evaluates to one";

function notDocuments(expected: string): AspError {
  return new AspError("ASP5173", `\`documents\` of \`$source\` must evaluate to ${expected}`, { help });
}

function cannotEvaluate(cause: unknown): AspError {
  return new AspError("ASP5173", `\`documents\` of \`$source\` cannot be evaluated: ${serverReason(cause)}`, {
    help,
    cause,
  });
}
