import type { Document } from "bson";
import {
  carriedExpression,
  carriedQuery,
  carrier,
  carryStreamMetadata,
  keptMark,
  withoutCarrierText,
  type Carried,
} from "../expressions/stream-metadata.ts";
import { createFieldFinder, decodeField, documentIn, withFields, withoutField } from "./core/bson-fields.ts";
import { isDocumentError } from "./core/document-error.ts";
import { decodeExact, fieldOf } from "./core/exact-bson.ts";
import type { ProcessorPlan, Step } from "./core/plan.ts";
import { serverReason } from "./core/server-reason.ts";
import type { StageRunner } from "./stage-runner.ts";

/** A document as `$source` delivered it, as BSON. */
export interface Delivered {
  readonly document: Uint8Array;
  /** What `{$meta: "stream"}` gives; only called where it is needed. */
  readonly stream: () => Document;
}

/** A document on its way to the sink, as BSON. */
export interface Outgoing {
  readonly document: Uint8Array;
  /** Values of the sink's own expressions, where it has any. */
  readonly values?: Document | undefined;
  /** Which delivered document it came from; unknown until asked for on the fast path. */
  readonly index: number | undefined;
}

/** A document that a stage refused. */
export interface Refused {
  readonly document: Document;
  readonly operator: string;
  readonly reason: string;
  readonly index: number;
}

export interface Transformed {
  readonly outgoing: readonly Outgoing[];
  readonly refused: readonly Refused[];
}

/** Text of a `$validate` refusal. Source: asp-language 1.2. */
const invalid = "Input document found to be invalid in $validate stage";

/** Runs a processor's stages over delivered documents; a document that fails never takes the others along. */
export interface Transform {
  run(delivered: readonly Delivered[], options?: { readonly locate?: boolean }): Promise<Transformed>;
  /** Has mongod parse the stages; rejects with what it says if it would refuse them for every document. */
  check(): Promise<void>;
}

/**
 * Prepares the stages of a plan.
 *
 * The fast path sends documents as they are. Where metadata is read, where `$validate` sends to the dead letters, or with
 * `locate`, a hidden field travels along that says which delivered document each result came from.
 */
export function createTransform(
  plan: ProcessorPlan,
  runner: StageRunner,
  sinkExpressions: Document | undefined,
): Transform {
  const mustCarry = plan.readsMetadata || plan.steps.some((step) => step.kind === "validate");
  const plain = prepare(plan, sinkExpressions, false);
  const carrying = prepare(plan, sinkExpressions, true);
  const run: Transform["run"] = async (delivered, options = {}) => {
    const carries = mustCarry || options.locate === true;
    const refused: Refused[] = [];
    let documents: readonly Uint8Array[] = delivered.map(({ document, stream }, index) =>
      carries ? withCarrier(document, { [keptMark]: true, index, stream: stream() }) : document,
    );
    const indexOf = (document: Uint8Array, position: number): number =>
      carries ? carriedOf(document).index : position;
    for (const [place, step] of (carries ? carrying : plain).entries()) {
      const before = documents;
      documents = await runStep(step, before, runner, (failed) => {
        const { document, position, operator, reason } = failed;
        refused.push({
          document: decodeExact(withoutCarrier(document)),
          operator,
          reason,
          index: indexOf(before[position] ?? document, position),
        });
      });
      // After the first step, only the hidden field tells which delivered document one came from.
      if (!carries && place > 0 && refused.length > 0) return run(delivered, { locate: true });
    }
    return { outgoing: documents.map((bson) => toOutgoing(bson, sinkExpressions !== undefined, carries)), refused };
  };
  const check = async (): Promise<void> => {
    for (const step of mustCarry ? carrying : [...plain, ...carrying]) {
      await runner.run(step.kind === "stages" ? step.stages : [{ $match: step.validator }], []);
    }
  };
  return { run, check };
}

/** One call of mongod, with the name of the operator that each stage stands for. */
type Prepared =
  | { readonly kind: "stages"; readonly stages: readonly Document[]; readonly operators: readonly string[] }
  | { readonly kind: "validate"; readonly validator: Document };

function prepare(plan: ProcessorPlan, sinkExpressions: Document | undefined, carries: boolean): readonly Prepared[] {
  const prepared = plan.steps.map((step): Prepared => prepareStep(step, carries));
  if (sinkExpressions === undefined) return prepared;
  const values = carries ? carriedExpression(sinkExpressions) : sinkExpressions;
  const document = carries ? carriedExpression("$$ROOT") : "$$ROOT";
  const pair = { document, values, ...(carries ? { [carrier]: `$${carrier}` } : {}) };
  return [...prepared, { kind: "stages", stages: [{ $replaceWith: pair }], operators: ["$merge"] }];
}

function prepareStep(step: Step, carries: boolean): Prepared {
  if (step.kind === "validate") return { kind: "validate", validator: carriedQuery(step.validator) as Document };
  const stages = step.stages.map((stage) =>
    "$validate" in stage ? { $match: (stage["$validate"] as Document)["validator"] ?? {} } : stage,
  );
  const operators = step.stages.map((stage) => Object.keys(stage)[0] ?? "");
  return { kind: "stages", stages: carries ? carryStreamMetadata(stages) : stages, operators };
}

interface Failed {
  readonly document: Uint8Array;
  readonly position: number;
  readonly operator: string;
  readonly reason: string;
}

async function runStep(
  step: Prepared,
  documents: readonly Uint8Array[],
  runner: StageRunner,
  onFailed: (failed: Failed) => void,
): Promise<readonly Uint8Array[]> {
  if (step.kind === "stages") return runStages(step, documents, 0, runner, onFailed);
  const numbered = documents.map((document, position) => withCarrier(document, { ...carriedOf(document), position }));
  const check = { kind: "stages" as const, stages: [{ $match: step.validator }], operators: ["$validate"] };
  /** Those that failed the check itself, or passed it: the rest are invalid. */
  const settled = new Set<number>();
  const passed = await runStages(check, numbered, 0, runner, (failure) => {
    settled.add(failure.position);
    onFailed(failure);
  });
  for (const document of passed) settled.add(carriedOf(document).position ?? -1);
  for (const [position, document] of documents.entries()) {
    if (!settled.has(position)) onFailed({ document, position, operator: "$validate", reason: invalid });
  }
  return passed;
}

/** Halves a batch that fails until the documents that make it fail stand alone. */
async function runStages(
  step: Prepared & { readonly kind: "stages" },
  documents: readonly Uint8Array[],
  offset: number,
  runner: StageRunner,
  onFailed: (failed: Failed) => void,
): Promise<readonly Uint8Array[]> {
  if (documents.length === 0) return [];
  try {
    return await runner.run(step.stages, documents);
  } catch (error) {
    if (!isDocumentError(error)) throw error;
    const [only] = documents;
    if (documents.length === 1 && only !== undefined) return runAlone(step, only, offset, runner, onFailed);
    const half = Math.ceil(documents.length / 2);
    const first = await runStages(step, documents.slice(0, half), offset, runner, onFailed);
    return [...first, ...(await runStages(step, documents.slice(half), offset + half, runner, onFailed))];
  }
}

/** Takes one document through stage by stage, to name the one that fails and to save what `$unwind` made beside it. */
async function runAlone(
  step: Prepared & { readonly kind: "stages" },
  document: Uint8Array,
  position: number,
  runner: StageRunner,
  onFailed: (failed: Failed) => void,
): Promise<readonly Uint8Array[]> {
  let current: readonly Uint8Array[] = [document];
  for (const [index, stage] of step.stages.entries()) {
    const next: Uint8Array[] = [];
    for (const item of current) {
      try {
        next.push(...(await runner.run([stage], [item])));
      } catch (error) {
        if (!isDocumentError(error)) throw error;
        onFailed({
          document: item,
          position,
          operator: step.operators[index] ?? "",
          reason: withoutCarrierText(serverReason(error)),
        });
      }
    }
    current = next;
  }
  return current;
}

function toOutgoing(bson: Uint8Array, hasValues: boolean, carries: boolean): Outgoing {
  const index = carries ? carriedOf(bson).index : undefined;
  if (!hasValues) return { document: carries ? withoutCarrier(bson) : bson, index };
  const document = documentIn(bson, findDocument(bson));
  if (document === undefined) throw new Error("the server has not kept the form of the sink's pair");
  return { document, values: decodeField(bson, findValues(bson)) as Document, index };
}

const findCarrier = createFieldFinder(carrier);
const findDocument = createFieldFinder("document");
const findValues = createFieldFinder("values");

function carriedOf(bson: Uint8Array): Carried {
  const carried = decodeField(bson, findCarrier(bson));
  const position = fieldOf(carried, "position");
  return {
    [keptMark]: true,
    index: Number(fieldOf(carried, "index")),
    ...(position === undefined ? {} : { position: Number(position) }),
    stream: fieldOf(carried, "stream") as Document,
  };
}

function withCarrier(bson: Uint8Array, carried: Carried): Uint8Array {
  return withFields(withoutCarrier(bson), { [carrier]: carried }, "after");
}

function withoutCarrier(bson: Uint8Array): Uint8Array {
  return withoutField(bson, findCarrier(bson));
}
