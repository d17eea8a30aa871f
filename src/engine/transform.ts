import type { Document } from "bson";
import {
  carriedExpression,
  carriedQuery,
  carrier,
  carryStreamMetadata,
  keptMark,
  withoutCarrierText,
} from "../expressions/stream-metadata.ts";
import { carriedOf, isCarrying, withCarrier, withoutCarrier } from "./carry.ts";
import { createFieldFinder, decodeField, documentIn } from "./core/bson-fields.ts";
import { isDocumentError, JavaScriptTimeout } from "./core/document-error.ts";
import { decodeExact } from "./core/exact-bson.ts";
import type { Step } from "./core/plan-steps.ts";
import { serverReason } from "./core/server-reason.ts";
import type { EngineContext } from "./engine-context.ts";
import type { OperatorCounts } from "./meter.ts";
import { createOperator } from "./operators/create-operator.ts";
import type { Operator } from "./operators/operator.ts";
import type { StageRunner } from "./stage-runner.ts";

/** A document as `$source` delivered it, as BSON. */
export interface Delivered {
  readonly document: Uint8Array;
  /** What `{$meta: "stream"}` gives; only called where it is needed. */
  readonly stream: () => Document;
  /** Event time in milliseconds since the epoch. */
  readonly timeMs?: number;
  /** The part of the source that has its own clock. */
  readonly lane?: string;
}

/** A document on its way to the sink, as BSON. */
export interface Outgoing {
  readonly document: Uint8Array;
  /** Values of the sink's own expressions, where it has any. */
  readonly values?: Document | undefined;
  /** Which delivered document it came from; unknown until asked for on the fast path. */
  readonly index: number | undefined;
  /** What `{$meta: "stream"}` gives now, where the hidden field travels along. */
  readonly stream?: Document;
}

/** A document that a stage refused. */
export interface Refused {
  readonly document: Document;
  readonly operator: string;
  readonly reason: string;
  readonly index: number;
  /** Metadata to put beside that of the document. */
  readonly stream?: Document;
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
  close(): Promise<void>;
}

/** What a transform is made of. */
export interface TransformParts {
  readonly steps: readonly Step[];
  /** Whether a step, or what comes last, reads or writes stream metadata. */
  readonly readsMetadata: boolean;
  /** Expressions that whoever takes the documents needs for each of them, and the name that a failure of theirs bears. */
  readonly last?: { readonly operator: string; readonly expressions: Document } | undefined;
  /** Called with what went through each step, by its place. */
  readonly count?: (step: number, counts: OperatorCounts) => void;
}

/**
 * Prepares steps.
 *
 * The fast path sends documents as they are. Where metadata is read, where a step does not run on mongod, or with `locate`, a
 * hidden field travels along that says which delivered document each result came from.
 */
export function createTransform(parts: TransformParts, context: EngineContext): Transform {
  const { steps, last } = parts;
  const mustCarry = parts.readsMetadata || steps.some((step) => step.kind !== "stages");
  const operators = steps.map((step) =>
    step.kind === "operator" ? createOperator(step.operator, step.args, { ...context, createTransform }) : undefined,
  );
  const prepareAll = (carries: boolean): readonly Prepared[] => {
    const prepared = steps.map((step, at) => prepareStep(step, operators[at], context, carries));
    return last === undefined ? prepared : [...prepared, prepareLast(last, context, carries)];
  };
  const plain = mustCarry ? [] : prepareAll(false);
  const carrying = prepareAll(true);
  const hasValues = last !== undefined;
  const run: Transform["run"] = async (delivered, { locate = false } = {}) => {
    const { counted, ...transformed } = await runAll(delivered, locate);
    // To locate is to run once more.
    if (!locate) for (const [place, counts] of counted.entries()) parts.count?.(place, counts);
    return transformed;
  };
  const runAll = async (
    delivered: readonly Delivered[],
    locate: boolean,
  ): Promise<Transformed & { readonly counted: readonly OperatorCounts[] }> => {
    const carries = mustCarry || locate;
    if (carrying.length === 0) {
      const asTheyAre = ({ document, stream }: Delivered, index: number): Outgoing => {
        return { document, index, ...(carries && { stream: stream() }) };
      };
      return { outgoing: delivered.map(asTheyAre), refused: [], counted: [] };
    }
    const refused: Refused[] = [];
    const counted: OperatorCounts[] = [];
    let documents: readonly Uint8Array[] = delivered.map(({ document, stream }, index) =>
      carries ? withCarrier(document, { [keptMark]: true, index, stream: stream() }) : document,
    );
    const indexOf = (document: Uint8Array, position: number): number =>
      carries ? carriedOf(document).index : position;
    for (const [place, step] of (carries ? carrying : plain).entries()) {
      const before = documents;
      const refusedBefore = refused.length;
      const startedAt = performance.now();
      documents = await runStep(step, before, (failed) => {
        const { document, position, operator, reason, stream } = failed;
        // The stages before the one that failed may have set metadata.
        const holder = isCarrying(document) ? document : before[position];
        const known = carries && holder !== undefined ? carriedOf(holder).stream : undefined;
        refused.push({
          document: decodeExact(withoutCarrier(document)),
          operator,
          reason,
          index: indexOf(before[position] ?? document, position),
          ...(known === undefined && stream === undefined ? {} : { stream: { ...known, ...stream } }),
        });
      });
      // After the first step, only the hidden field tells which delivered document one came from.
      if (!carries && place > 0 && refused.length > 0) return runAll(delivered, true);
      const deadLetters = refused.length - refusedBefore;
      const ms = performance.now() - startedAt;
      // What comes last asks on behalf of whoever takes the documents, and counts them.
      counted.push(
        place < steps.length
          ? { input: before.length, output: documents.length, deadLetters, ms, ...throttledAt(operators[place]) }
          : { deadLetters, ms },
      );
    }
    return { outgoing: documents.map((bson) => toOutgoing(bson, hasValues, carries)), refused, counted };
  };
  const check = async (): Promise<void> => {
    for (const step of [...plain, ...carrying]) {
      if (step.kind === "operator") {
        await step.evaluate.runner.run(step.evaluate.stages, []);
        await step.operator.check();
        continue;
      }
      await step.runner.run(step.kind === "stages" ? step.stages : [{ $match: step.validator }], []);
    }
  };
  const close = async (): Promise<void> => {
    await Promise.all(operators.flatMap((operator) => (operator === undefined ? [] : [operator.close()])));
  };
  return { run, check, close };
}

function throttledAt(operator: Operator | undefined): OperatorCounts {
  const throttle = operator?.takeThrottled?.();
  return throttle === undefined ? {} : { throttle };
}

/** A step, ready to run, with the name of the operator that each stage stands for. */
type Prepared =
  | {
      readonly kind: "stages";
      readonly runner: StageRunner;
      readonly stages: readonly Document[];
      readonly operators: readonly string[];
    }
  | { readonly kind: "validate"; readonly runner: StageRunner; readonly validator: Document }
  | {
      readonly kind: "operator";
      readonly name: string;
      readonly operator: Operator;
      /** Gives a document and the values of the operator's expressions. */
      readonly evaluate: Stages;
    };

type Stages = Prepared & { readonly kind: "stages" };

function prepareStep(step: Step, operator: Operator | undefined, context: EngineContext, carries: boolean): Prepared {
  const runner = context.runner(step.kind === "stages" ? step.on : undefined);
  if (step.kind === "validate")
    return { kind: "validate", runner, validator: carriedQuery(step.validator) as Document };
  if (step.kind === "operator") {
    if (operator === undefined) throw new Error(`${step.operator} has not been prepared`);
    const evaluate = prepareLast({ operator: step.operator, expressions: operator.expressions ?? {} }, context, true);
    return { kind: "operator", name: step.operator, operator, evaluate };
  }
  const stages = step.stages.map((stage) =>
    "$validate" in stage ? { $match: (stage["$validate"] as Document)["validator"] ?? {} } : stage,
  );
  const operators = step.stages.map((stage) => Object.keys(stage)[0] ?? "");
  return { kind: "stages", runner, stages: carries ? carryStreamMetadata(stages) : stages, operators };
}

/** A stage that gives each document beside what expressions give for it. */
function prepareLast(
  { operator, expressions }: NonNullable<TransformParts["last"]>,
  context: EngineContext,
  carries: boolean,
): Stages {
  const values = carries ? carriedExpression(expressions) : expressions;
  const document = carries ? carriedExpression("$$ROOT") : "$$ROOT";
  const pair = { document, values, ...(carries ? { [carrier]: `$${carrier}` } : {}) };
  return { kind: "stages", runner: context.runner(), stages: [{ $replaceWith: pair }], operators: [operator] };
}

interface Failed {
  readonly document: Uint8Array;
  readonly position: number;
  readonly operator: string;
  readonly reason: string;
  /** Metadata that the operator adds to that of the document. */
  readonly stream?: Document;
}

async function runStep(
  step: Prepared,
  documents: readonly Uint8Array[],
  onFailed: (failed: Failed) => void,
): Promise<readonly Uint8Array[]> {
  if (step.kind === "stages") return runStages(step, documents, 0, onFailed);
  if (step.kind === "operator") return runOperator(step, documents, onFailed);
  const numbered = documents.map((document, position) => withCarrier(document, { ...carriedOf(document), position }));
  const check: Stages = { ...step, kind: "stages", stages: [{ $match: step.validator }], operators: ["$validate"] };
  /** Those that failed the check itself, or passed it: the rest are invalid. */
  const settled = new Set<number>();
  const passed = await runStages(check, numbered, 0, (failure) => {
    settled.add(failure.position);
    onFailed(failure);
  });
  for (const document of passed) settled.add(carriedOf(document).position ?? -1);
  for (const [position, document] of documents.entries()) {
    if (!settled.has(position)) onFailed({ document, position, operator: "$validate", reason: invalid });
  }
  return passed;
}

/** Has the engine do a stage, with what mongod says the expressions of each document give. */
async function runOperator(
  step: Prepared & { readonly kind: "operator" },
  documents: readonly Uint8Array[],
  onFailed: (failed: Failed) => void,
): Promise<readonly Uint8Array[]> {
  const numbered = documents.map((document, position) => withCarrier(document, { ...carriedOf(document), position }));
  const evaluated = await runStages(step.evaluate, numbered, 0, onFailed);
  if (evaluated.length === 0) return [];
  const inputs = evaluated.map((bson) => ({ carried: carriedOf(bson), ...pairIn(bson) }));
  const outcomes = await step.operator.run(
    inputs.map(({ document, values, carried }) => ({ document, values, stream: carried.stream })),
  );
  const passed: Uint8Array[] = [];
  for (const [at, { document, carried }] of inputs.entries()) {
    const outcome = outcomes[at];
    if (outcome === undefined) throw new Error(`${step.name} has lost a document`);
    if (outcome.kind === "passed") {
      passed.push(withCarrier(outcome.document, { ...carried, stream: { ...carried.stream, ...outcome.stream } }));
    } else if (outcome.kind === "refused") {
      const { reason, stream } = outcome;
      const position = carried.position ?? at;
      onFailed({ document, position, operator: step.name, reason, stream: { ...carried.stream, ...stream } });
    }
  }
  return passed;
}

/** Halves a batch that fails until the documents that make it fail stand alone; where time ran out, each is taken alone at once. */
async function runStages(
  step: Stages,
  documents: readonly Uint8Array[],
  offset: number,
  onFailed: (failed: Failed) => void,
): Promise<readonly Uint8Array[]> {
  if (documents.length === 0) return [];
  try {
    return await step.runner.run(step.stages, documents);
  } catch (error) {
    if (!isDocumentError(error)) throw error;
    const [only] = documents;
    if (documents.length === 1 && only !== undefined) return runAlone(step, only, offset, onFailed);
    if (error instanceof JavaScriptTimeout) {
      const each: Uint8Array[] = [];
      for (const [at, one] of documents.entries()) each.push(...(await runAlone(step, one, offset + at, onFailed)));
      return each;
    }
    const half = Math.ceil(documents.length / 2);
    const first = await runStages(step, documents.slice(0, half), offset, onFailed);
    return [...first, ...(await runStages(step, documents.slice(half), offset + half, onFailed))];
  }
}

/** Takes one document through stage by stage, to name the one that fails and to save what `$unwind` made beside it. */
async function runAlone(
  step: Stages,
  document: Uint8Array,
  position: number,
  onFailed: (failed: Failed) => void,
): Promise<readonly Uint8Array[]> {
  let current: readonly Uint8Array[] = [document];
  for (const [index, stage] of step.stages.entries()) {
    const next: Uint8Array[] = [];
    for (const item of current) {
      try {
        next.push(...(await step.runner.run([stage], [item])));
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
  const carried = carries ? carriedOf(bson) : undefined;
  const from = { index: carried?.index, ...(carried === undefined ? {} : { stream: carried.stream }) };
  return hasValues ? { ...pairIn(bson), ...from } : { document: carries ? withoutCarrier(bson) : bson, ...from };
}

function pairIn(bson: Uint8Array): { readonly document: Uint8Array; readonly values: Document } {
  const document = documentIn(bson, findDocument(bson));
  if (document === undefined) throw new Error("the server has not kept the form of a document beside its values");
  return { document, values: decodeField(bson, findValues(bson)) as Document };
}

const findDocument = createFieldFinder("document");
const findValues = createFieldFinder("values");
