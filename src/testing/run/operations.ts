import type { At } from "../../diagnostics/finding.ts";
import { noEventTime } from "../case/findings.ts";
import { FixtureError } from "../case/fixture-error.ts";
import type { CollectionName, GivenDocument, GivenSource } from "../case/given.ts";
import { isTopic, toNamespace } from "../case/given.ts";
import { timeOf as timeOfMessage } from "../case/message.ts";
import type { Step, Write } from "../case/parse-steps.ts";

/** One thing that happens while the processors of a case run. */
export type Operation =
  | {
      readonly kind: "insert";
      readonly collection: CollectionName;
      readonly given: GivenDocument;
      readonly file: string;
    }
  | { readonly kind: "writes"; readonly writes: readonly Write[]; readonly isTransaction: boolean; readonly at: At }
  | { readonly kind: "caughtUp" | "restart" }
  | { readonly kind: "advance"; readonly ms: number };

export interface OperationsInput {
  readonly given: readonly GivenSource[];
  readonly steps?: readonly Step[];
  readonly order: "file" | "time";
  /** Path of the time in a given document. */
  readonly timePath: string;
}

/** What happens in a case, one after the other: its steps, or else all that is given. */
export async function* toOperations({ given, steps, order, timePath }: OperationsInput): AsyncGenerator<Operation> {
  if (steps === undefined) {
    yield* order === "time" ? mergeByTime(given, timePath) : insertAll(given);
    return;
  }
  for (const step of steps) {
    if (step.kind === "given") {
      yield* insertAll(given.filter((source) => toNamespace(source) === toNamespace(step.collection)));
    } else if (step.kind === "write") {
      yield { kind: "writes", writes: [step.write], isTransaction: false, at: step.at };
    } else if (step.kind === "transaction") {
      yield { kind: "writes", writes: step.writes, isTransaction: true, at: step.at };
    } else {
      yield step.kind === "advance" ? { kind: step.kind, ms: step.ms } : { kind: step.kind };
    }
  }
}

async function* insertAll(sources: readonly GivenSource[]): AsyncGenerator<Operation> {
  for (const { db, coll, file, open } of sources) {
    const collection = { db, coll };
    for await (const given of open()) yield { kind: "insert", collection, given, file };
  }
}

/** Each file keeps its own order; of the documents that are next, the earliest comes first. */
async function* mergeByTime(sources: readonly GivenSource[], timePath: string): AsyncGenerator<Operation> {
  const heads: { source: GivenSource; rest: AsyncIterator<GivenDocument>; given: GivenDocument; time: number }[] = [];
  const advance = async (source: GivenSource, rest: AsyncIterator<GivenDocument>) => {
    const next = await rest.next();
    if (next.done === true) return undefined;
    return { source, rest, given: next.value, time: timeOf(next.value, source, timePath) };
  };
  for (const source of sources) {
    const head = await advance(source, source.open()[Symbol.asyncIterator]());
    if (head !== undefined) heads.push(head);
  }
  while (heads.length > 0) {
    const index = heads.reduce((best, head, at) => (head.time < (heads[best]?.time ?? Infinity) ? at : best), 0);
    const head = heads[index];
    if (head === undefined) return;
    const { db, coll, file } = head.source;
    yield { kind: "insert", collection: { db, coll }, given: head.given, file };
    const next = await advance(head.source, head.rest);
    if (next === undefined) heads.splice(index, 1);
    else heads[index] = next;
  }
}

/** Of an event, or of a message: its timestamp, or else that of the event that it holds. */
function timeOf({ document, line = 1 }: GivenDocument, source: GivenSource, path: string): number {
  const { file } = source;
  const sent = isTopic(source) ? timeOfMessage(document["timestamp"]) : undefined;
  if (sent !== undefined) return sent;
  let value: unknown = isTopic(source) ? document["value"] : document;
  for (const key of path.split(".")) value = (value as Record<string, unknown> | null | undefined)?.[key];
  const time = value instanceof Date ? value.getTime() : typeof value === "string" ? Date.parse(value) : Number(value);
  if (!Number.isNaN(time) && value !== null && value !== undefined) return time;
  throw new FixtureError(noEventTime({ place: { file, line, column: 1 } }, { path }));
}
