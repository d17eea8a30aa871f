import { planSink, type SinkPlan } from "../../engine/core/plan-sink.ts";
import type { Definition } from "../../stages/definition.ts";
import { isSampleSource } from "../../stages/sample-data.ts";
import { planSource } from "../../engine/core/plan-source.ts";
import type { CollectionName } from "../case/given.ts";
import { isTopic, topicDb } from "../case/given.ts";

/** Collections by pattern: an absent `coll` is every collection of the database, an absent `db` every database. */
export interface Reach {
  readonly db?: string;
  readonly coll?: string;
  /** How a sink keeps what it writes; absent for a `$merge`. */
  readonly kept?: Kept;
}

/**
 * Where documents have no key of their own, so that what is delivered twice is there twice: a time series collection, files that
 * stand for a cloud's own target, which fixtures name like a collection: `captured.<connection>`, or a topic: `topic.<name>`.
 */
export type Kept = "timeSeries" | "captured" | "topic";

export const capturedDb = "captured";

/** What a processor reads and writes, as far as its definition tells. */
export interface Flow {
  readonly name: string;
  readonly reads: readonly Reach[];
  /** A part of the target that an expression computes is absent. */
  readonly writes: readonly Reach[];
  /** True for inline documents, which need nothing given. */
  readonly isFinite: boolean;
  /** True for a schedule and for sample data, which need nothing but time. */
  readonly isScheduled: boolean;
}

/** Reads the first and the last stage of a definition. */
export function toFlow({ name, pipeline }: Definition): Flow {
  const source: Record<string, unknown> = pipeline[0]?.["$source"] ?? {};
  const isFinite = source["documents"] !== undefined;
  const isScheduled = "schedule" in source || isSampleSource(source);
  const isStream = isFinite || source["topic"] !== undefined || source["stream"] !== undefined || isScheduled;
  const db = literal(source["db"]);
  const { coll } = source;
  const colls: readonly unknown[] = Array.isArray(coll) ? coll : [coll];
  const plan = planSource(source);
  const collections = isStream ? [] : colls.map((one) => reach(db, literal(one)));
  const reads = plan.kind === "kafka" ? plan.topics.map((topic) => reach(topicDb, topic)) : collections;
  return { name, reads, writes: writesOf(planSink(pipeline.at(-1) ?? {})), isFinite, isScheduled };
}

function writesOf(sink: SinkPlan): readonly Reach[] {
  switch (sink.kind) {
    case "merge":
      return [reach(literal(sink.db), literal(sink.coll))];
    case "timeSeries":
      return [{ ...reach(literal(sink.db), literal(sink.coll)), kept: "timeSeries" }];
    case "capture":
    case "iceberg":
      return [{ db: capturedDb, coll: sink.connectionName, kept: "captured" }];
    case "kafka":
      return [{ ...reach(topicDb, literal(sink.topic)), kept: "topic" }];
    case "operator":
    case "none":
      return [];
  }
}

/** True if a collection may be meant. */
export function reaches(reach: Reach, { db, coll }: CollectionName): boolean {
  if (isTopic(reach) !== isTopic({ db })) return false;
  return (reach.db === undefined || reach.db === db) && (reach.coll === undefined || reach.coll === coll);
}

/**
 * The processors that take part in a case: those that read what is given, and in turn what those write.
 *
 * `only`: names that restrict the choice, in which case all of them take part.
 */
export function selectProcessors<Processor extends Flow>(
  processors: readonly Processor[],
  given: readonly CollectionName[],
  only: readonly string[] | undefined,
): readonly Processor[] {
  if (only !== undefined) return processors.filter(({ name }) => only.includes(name));
  const chosen = new Set(
    processors.filter(({ reads }) => reads.some((read) => given.some((one) => reaches(read, one)))),
  );
  for (let grown = true; grown;) {
    const written = [...chosen].flatMap(({ writes }) => writes).filter(({ kept }) => kept !== "captured");
    const next = processors.filter(
      (one) => !chosen.has(one) && one.reads.some((read) => written.some((write) => overlap(read, write))),
    );
    for (const one of next) chosen.add(one);
    grown = next.length > 0;
  }
  return processors.filter((one) => chosen.has(one));
}

function overlap(a: Reach, b: Reach): boolean {
  const same = (left: string | undefined, right: string | undefined): boolean =>
    left === undefined || right === undefined || left === right;
  return isTopic(a) === isTopic(b) && same(a.db, b.db) && same(a.coll, b.coll);
}

function reach(db: string | undefined, coll: string | undefined): Reach {
  return { ...(db === undefined ? {} : { db }), ...(coll === undefined ? {} : { coll }) };
}

function literal(value: unknown): string | undefined {
  return typeof value === "string" && !value.startsWith("$") ? value : undefined;
}
