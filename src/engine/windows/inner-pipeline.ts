import { calculateObjectSize } from "bson";
import type { Document } from "bson";
import { readsStreamMetadata } from "../../expressions/stream-metadata.ts";
import { createFieldFinder, decodeField, documentIn } from "../core/bson-fields.ts";
import { isDocumentError } from "../core/document-error.ts";
import type { Step } from "../core/plan-steps.ts";
import { cutHead, toSegments, type Segment } from "../core/inner-segments.ts";
import type { EngineContext } from "../engine-context.ts";
import { createTransform, type Delivered, type Refused } from "../transform.ts";
import { createKeptDocuments, type KeptDocuments } from "./kept-documents.ts";
import { findFailing } from "./find-failing.ts";
import { runTogether, runWhole, type WholeInput } from "./run-whole.ts";
import type { ClosedWindow } from "./window-keeper.ts";
import { windowMetadata, withWindowMetadata } from "./window-metadata.ts";

/** Documents that came out of a window together, and those that its stages refused. */
export interface InnerResult {
  readonly delivered: readonly Delivered[];
  readonly refused: readonly Refused[];
}

/** The stages within a window: they see the documents of a closed one as a whole. */
export interface InnerPipeline {
  /** What each of the windows gives, in their order. */
  run(windows: AsyncIterable<ClosedWindow>): AsyncGenerator<InnerResult>;
  /** Has mongod parse the stages. */
  check(): Promise<void>;
  /** Whether a stage reads what `{$meta: "stream"}` says of the documents. */
  readonly readsMetadata: boolean;
  close(): Promise<void>;
}

const example = { startMs: 0, endMs: 0, partition: { value: null } };

/**
 * Prepares the inner pipeline of a window.
 *
 * What needs all documents runs in one aggregate over the kept ones; where a document makes that fail, the stages run one by one, with
 * what each gives put aside in a collection, so that only that document is refused.
 *
 * @param sourceType what `{$meta: "stream.source.type"}` gives after the window
 */
export function createInnerPipeline(
  steps: readonly Step[],
  { kept, asideName }: { readonly kept: KeptDocuments; readonly asideName: (segment: number) => string },
  context: EngineContext,
  sourceType: string,
): InnerPipeline {
  const { head, tail } = cutHead(steps);
  const readsMetadata = readsStreamMetadata(withWindowMetadata(steps, windowMetadata(example)));
  // One for each stage that has its documents put aside, since one such stage reads what another gives.
  const asideOf = (segment: number): KeptDocuments => createKeptDocuments(context.stateDb, asideName(segment));

  const streamOf = (window: Document): Document => ({ source: { type: sourceType }, window });
  /** So many windows are asked for by one command. */
  let mostAtOnce = tail.length > 0 || head.length === 0 || readsMetadata ? 1 : mostWindows;

  async function* run(windows: AsyncIterable<ClosedWindow>): AsyncGenerator<InnerResult> {
    let open: ClosedWindow[] = [];
    for await (const window of windows) {
      open.push(window);
      if (open.length < mostAtOnce) continue;
      yield* runSome(open);
      open = [];
    }
    yield* runSome(open);
  }

  async function* runSome(windows: readonly ClosedWindow[]): AsyncGenerator<InnerResult> {
    const together = windows.length > 1 ? await runAtOnce(windows) : undefined;
    if (together !== undefined) yield* together;
    else for (const window of windows) yield* runOne(window);
  }

  const runAtOnce = async (windows: readonly ClosedWindow[]): Promise<readonly InnerResult[] | undefined> => {
    const all = windows.map(windowMetadata);
    const stages = await context.runner().rewrite(head);
    const parts = windows.map(({ filter }, at) => ({ filter, stages: withWindowMetadata(stages, all[at] ?? {}) }));
    const fewer = (): void => {
      mostAtOnce = Math.max(1, Math.floor(windows.length / 2));
    };
    if (calculateObjectSize({ parts }) > mostCommandBytes) {
      fewer();
      return undefined;
    }
    try {
      const given = await runTogether(kept, parts);
      // Those that give much have little from being asked for together.
      if (given === undefined) fewer();
      return given?.map((documents, at): InnerResult => {
        const stream = streamOf(all[at] ?? {});
        return { delivered: documents.map((document) => ({ document, stream: () => stream })), refused: [] };
      });
    } catch (error) {
      // A document that is wrong is one window's, and is found there.
      if (!isDocumentError(error)) throw error;
      return undefined;
    }
  };

  async function* runOne(window: ClosedWindow): AsyncGenerator<InnerResult> {
    const metadata = windowMetadata(window);
    const stream = streamOf(metadata);
    const refused: Refused[] = [];
    const refuse = (failed: readonly Refused[]): void => void refused.push(...failed);
    const input = { from: kept, filter: window.filter };
    let segments: readonly Segment[];
    let batches: AsyncIterable<readonly Delivered[]>;
    try {
      const stages = await context.runner().rewrite(head);
      batches = await begun(readsMetadata, input, withWindowMetadata(stages, metadata), stream);
      segments = toSegments(tail);
    } catch (error) {
      if (!isDocumentError(error)) throw error;
      batches = readKept(input, stream);
      segments = toSegments(steps);
    }
    for (const [at, segment] of withWindowMetadata(segments, metadata).entries()) {
      batches = runSegment(segment, batches, { aside: asideOf(at), context, readsMetadata, stream, refuse });
    }
    for await (const delivered of batches) yield { delivered, refused: refused.splice(0) };
    if (refused.length > 0) yield { delivered: [], refused };
  }

  const check = async (): Promise<void> => {
    const metadata = windowMetadata(example);
    const transform = createTransform({ steps: withWindowMetadata(steps, metadata), readsMetadata }, context);
    await transform.check();
    await transform.close();
  };

  const close = async (): Promise<void> => {
    await Promise.all(toSegments(steps).map((_, at) => asideOf(at).clear()));
  };

  return { run, check, readsMetadata, close };
}

const mostWindows = 50;
/** Well below the 16 MB of a command. */
const mostCommandBytes = 4 * 1024 * 1024;

/** The head over the kept documents, once its first results are there: by then it has failed if it fails. */
async function begun(
  carries: boolean,
  input: WholeInput,
  head: readonly Document[],
  stream: Document,
): Promise<AsyncIterable<readonly Delivered[]>> {
  const results = head.length === 0 ? readKept(input, stream) : runWhole(input, head, { carries, stream });
  const first = await results.next();
  return (async function* () {
    if (first.done !== true) yield first.value;
    yield* results;
  })();
}

/** Documents as they were kept, each with its own metadata. */
async function* readKept({ from, filter }: WholeInput, stream: Document): AsyncGenerator<readonly Delivered[]> {
  for await (const batch of from.read({ filter, stages: [] })) {
    yield batch.map((bson) => {
      const document = documentIn(bson, find.d(bson));
      if (document === undefined) throw new Error("a kept document has no document");
      const own = decodeField(bson, find.m(bson)) as Document | undefined;
      return { document, stream: () => ({ ...stream, ...own, window: stream["window"] }) };
    });
  }
}

const find = { d: createFieldFinder("d"), m: createFieldFinder("m") };

interface SegmentRunner {
  readonly aside: KeptDocuments;
  readonly context: EngineContext;
  readonly readsMetadata: boolean;
  readonly stream: Document;
  readonly refuse: (failed: readonly Refused[]) => void;
}

function runSegment(
  segment: Segment,
  batches: AsyncIterable<readonly Delivered[]>,
  runner: SegmentRunner,
): AsyncIterable<readonly Delivered[]> {
  return segment.kind === "whole" ? runAside(segment.stage, batches, runner) : runEach(segment.steps, batches, runner);
}

/** Steps for each document by itself, as outside of a window. */
async function* runEach(
  steps: readonly Step[],
  batches: AsyncIterable<readonly Delivered[]>,
  { context, refuse }: SegmentRunner,
): AsyncGenerator<readonly Delivered[]> {
  const transform = createTransform({ steps, readsMetadata: true }, context);
  try {
    for await (const batch of batches) {
      const { outgoing, refused } = await transform.run(batch);
      refuse(refused.map((one) => ({ ...one, stream: { ...batch[one.index]?.stream(), ...one.stream }, index: -1 })));
      yield outgoing.map(({ document, stream = {} }) => ({ document, stream: () => stream }));
    }
  } finally {
    await transform.close();
  }
}

/** A stage over all documents, which are put aside for it. Those that make it fail are found by halves, and left out. */
async function* runAside(
  stage: Document,
  batches: AsyncIterable<readonly Delivered[]>,
  { aside, context, readsMetadata, stream, refuse }: SegmentRunner,
): AsyncGenerator<readonly Delivered[]> {
  await aside.clear();
  let number = 0;
  for await (const batch of batches) {
    await aside.append(
      batch.map(({ document, stream: own }) => {
        number += 1;
        return { at: {}, number, timeMs: 0, document, stream: readsMetadata ? own() : undefined };
      }),
    );
  }
  const options = { carries: readsMetadata, stream };
  const [rewritten = stage] = await context.runner().rewrite([stage]);
  const filter = await findFailing(aside, number, rewritten, options, refuse);
  yield* runWhole({ from: aside, filter }, [rewritten], options);
}
