import type { Document } from "bson";
import type { Db } from "mongodb";
import { embedArray, embedArrayOf, embedBson } from "../embed-bson.ts";
import type { Cluster } from "../engine.ts";
import { isDocumentError } from "../core/document-error.ts";
import { preparePipelines, type UpdatePipelines } from "../core/merge-statements.ts";
import type { MergeMode, MergePlan } from "../core/plan-sink.ts";
import { serverReason } from "../core/server-reason.ts";
import { cutCommands, type Entry, type Statement } from "./cut-commands.ts";
import { insertNew } from "./insert-new.ts";
import { createResolver, type Destination, type Resolved } from "./merge-target.ts";
import { runWrite } from "./run-write.ts";
import type { Sink, SinkRefusal } from "./sink.ts";

/** Writes documents as `$merge` does. */
export type MergeSink = Pick<Sink<Resolved>, "resolve" | "write">;

export interface MergeSinkOptions {
  readonly cluster: Cluster;
  /** Whether updates of one key within a batch may be joined, and keys written side by side. */
  readonly joins: boolean;
  /** Once aborted, no further command is begun: `write` rejects. */
  readonly signal: AbortSignal;
}

/** Joined documents travel in one statement, which must stay well below a command. */
const joinedBytes = 4 * 1024 * 1024;
const lanes = 2;
/** From so many keys on it pays to ask which are new. */
const manyKeys = 32;
/** From so many keys on it pays to write side by side. */
const laneKeys = 300;
const duplicateKey = 11000;

/** Prepares the sink of a plan. */
export function createMergeSink(plan: MergePlan, options: MergeSinkOptions): MergeSink {
  const pipelines = new Map<string, UpdatePipelines>();
  const pipelinesFor = (mode: Exclude<MergeMode, "delete"> | "pipeline"): UpdatePipelines => {
    const known = pipelines.get(mode);
    if (known !== undefined) return known;
    const made = preparePipelines(mode === "pipeline" ? (plan.whenMatched as Document[]) : mode);
    pipelines.set(mode, made);
    return made;
  };

  const { resolve, filterOf } = createResolver(plan);

  const write = async (targets: readonly Resolved[]): Promise<readonly SinkRefusal[]> => {
    const refusals: SinkRefusal[] = [];
    const collections = new Map<string, { readonly db: Db; readonly coll: string; readonly entries: Entry[] }>();
    for (const [position, target] of targets.entries()) {
      if ("reason" in target) {
        refusals.push({ position, reason: target.reason });
        continue;
      }
      const { destination } = target;
      const namespace = `${destination.db}\u0000${destination.coll}`;
      let collection = collections.get(namespace);
      if (collection === undefined) {
        collection = { db: options.cluster.client.db(destination.db), coll: destination.coll, entries: [] };
        collections.set(namespace, collection);
      }
      collection.entries.push({ position, target });
    }
    for (const { db, coll, entries } of collections.values()) {
      const work = options.joins ? splitByKey(entries) : [entries.map((entry) => [entry])];
      const place = { db, coll };
      const keys = work.reduce((sum, groups) => sum + groups.length, 0);
      const hasMany = options.joins && keys >= manyKeys;
      const writing = work.map(async (groups) => {
        const left = hasMany ? await withoutNew(place, groups) : groups;
        await writeLane(place, left, (refusal) => refusals.push(refusal));
      });
      // All come to their end before one's failure is told: a retry must not write beside what is still on its way.
      const failed = (await Promise.allSettled(writing)).find(({ status }) => status === "rejected");
      if (failed?.status === "rejected") throw failed.reason;
    }
    return refusals.toSorted((a, b) => a.position - b.position);
  };

  /** Groups of one key, in the order of their first documents, dealt out to the lanes. */
  const splitByKey = (entries: readonly Entry[]): readonly (readonly (readonly Entry[])[])[] => {
    const groups = new Map<string, Entry[]>();
    for (const entry of entries) {
      const group = groups.get(entry.target.key);
      if (group === undefined) groups.set(entry.target.key, [entry]);
      else group.push(entry);
    }
    const dealt: Entry[][][] = Array.from({ length: groups.size < laneKeys ? 1 : lanes }, () => []);
    let next = 0;
    for (const group of groups.values()) {
      dealt[next % dealt.length]?.push(group);
      next += 1;
    }
    return dealt;
  };

  type Place = { readonly db: Db; readonly coll: string };
  type Report = (refusal: SinkRefusal) => void;

  const writeLane = async (place: Place, groups: readonly (readonly Entry[])[], report: Report): Promise<void> => {
    for (const command of cutCommands(groups.flatMap(toStatements))) await runCommand(place, command, report);
  };

  /** Inserts the first documents of new keys, and gives what is left to write. */
  const withoutNew = async (
    place: Place,
    groups: readonly (readonly Entry[])[],
  ): Promise<readonly (readonly Entry[])[]> => {
    const firsts = groups.flatMap(([first]) => (first === undefined ? [] : [first.target]));
    const inserted = await insertNew(firsts, place);
    return groups.map((group, at) => (inserted.has(at) ? group.slice(1) : group));
  };

  const toStatements = (group: readonly Entry[]): readonly Statement[] => {
    const joined = group.length > 1 ? join(group) : undefined;
    return joined === undefined ? group.map(toStatement) : [joined];
  };

  const toStatement = (entry: Entry): Statement => {
    const { document, variables, destination } = entry.target;
    const { whenMatched, insert } = destination;
    const filter = filterOf(document);
    if (whenMatched === "delete") {
      const body = { q: filter, limit: 1 };
      return { kind: insert ? "deleteOrInsert" : "delete", entries: [entry], body, bytes: 256 };
    }
    const pipeline = pipelinesFor(whenMatched).single(document);
    const body = {
      q: filter,
      u: embedArray(pipeline),
      c: { ...variables, new: embedBson(document) },
      upsert: insert,
      upsertSupplied: insert,
    };
    return { kind: "update", entries: [entry], body, bytes: pipeline.length + document.length + 256 };
  };

  /** One update for several documents of a key, where the pipeline allows it and all are written the same way. */
  const join = (group: readonly Entry[]): Statement | undefined => {
    const [first] = group;
    if (first === undefined) return undefined;
    const { document, variables, destination } = first.target;
    const { whenMatched, insert } = destination;
    if (whenMatched === "delete" || variables !== undefined) return undefined;
    const isSame = (other: Destination): boolean => other.whenMatched === whenMatched && other.insert === insert;
    if (!group.every(({ target }) => isSame(target.destination))) return undefined;
    const bytes = group.reduce((sum, entry) => sum + entry.target.document.length, 512);
    if (bytes > joinedBytes) return undefined;
    const documents = group.map((entry) => entry.target.document);
    const pipeline = pipelinesFor(whenMatched).folded(documents);
    if (pipeline === undefined) return undefined;
    const body = {
      q: filterOf(document),
      u: embedArray(pipeline),
      c: { new: embedBson(document), es: embedArrayOf(documents) },
      upsert: insert,
      upsertSupplied: insert,
    };
    return { kind: "update", entries: group, body, bytes: bytes + document.length + pipeline.length };
  };

  const runCommand = async (place: Place, command: readonly Statement[], report: Report): Promise<void> => {
    const [first] = command;
    if (first === undefined) return;
    // Whoever goes on from the checkpoint writes the same again: what came late would go over what is newer.
    options.signal.throwIfAborted();
    if (first.kind === "deleteOrInsert") return deleteOrInsert(place, first, report);
    let written: Awaited<ReturnType<typeof runWrite>>;
    try {
      written = await runWrite(place.db, {
        [first.kind]: place.coll,
        ordered: false,
        [`${first.kind}s`]: command.map(({ body }) => body),
      });
    } catch (error) {
      if (!isDocumentError(error)) throw error;
      return tooMuch(place, command, error, report);
    }
    for (const error of written.errors) {
      const statement = command[error["index"] as number];
      if (statement !== undefined) await refused(place, statement, error, report);
    }
    await finishUpserts(place, command, (written.reply["upserted"] ?? []) as Document[], report);
  };

  /** An upsert wrote the first of its documents as it is; the others are applied to that. */
  const finishUpserts = async (
    place: Place,
    command: readonly Statement[],
    upserted: readonly Document[],
    report: Report,
  ): Promise<void> => {
    const rest: Statement[] = [];
    for (const { index } of upserted) {
      const entries = command[index as number]?.entries ?? [];
      if (entries.length > 1) rest.push(...toStatements(entries.slice(1)));
    }
    for (const next of cutCommands(rest)) await runCommand(place, next, report);
  };

  /** The command as a whole was refused: alone, each statement shows whether it is the one. */
  const tooMuch = async (
    place: Place,
    command: readonly Statement[],
    error: unknown,
    report: Report,
  ): Promise<void> => {
    const [only] = command;
    if (command.length > 1) {
      for (const statement of command) await runCommand(place, [statement], report);
    } else if (only !== undefined) {
      await refused(place, only, { errmsg: serverReason(error) }, report);
    }
  };

  /** Of joined documents nothing was written: one by one shows which is at fault. */
  const refused = async (place: Place, statement: Statement, error: Document, report: Report): Promise<void> => {
    const [entry] = statement.entries;
    if (statement.entries.length > 1) {
      for (const each of statement.entries) await runCommand(place, [toStatement(each)], report);
    } else if (entry !== undefined) {
      if (isOwnKey(error) && (await wonByNow(place, statement))) return;
      report({ position: entry.position, reason: serverReason(new Error(String(error["errmsg"]))) });
    }
  };

  /** A duplicate of the key that is merged on; one of another unique index is the document's own fault. */
  const isOwnKey = ({ code, keyPattern }: Document): boolean =>
    code === duplicateKey &&
    Object.keys((keyPattern as Document | undefined) ?? {})
      .toSorted()
      .join() === [...plan.on].toSorted().join();

  /** Two writers that insert one key at once: the loser finds the document there when it tries again. */
  const wonByNow = async (place: Place, statement: Statement): Promise<boolean> => {
    if (statement.kind !== "update") return false;
    const updates = [statement.body];
    const { errors } = await runWrite(place.db, { update: place.coll, updates });
    return errors.length === 0;
  };

  const deleteOrInsert = async (place: Place, statement: Statement, report: Report): Promise<void> => {
    const [entry] = statement.entries;
    const deletes = [statement.body];
    if (entry === undefined) return;
    const { reply, errors } = await runWrite(place.db, { delete: place.coll, deletes });
    const refusals = [...errors];
    if (errors.length === 0 && reply["n"] === 0) {
      const documents = [embedBson(entry.target.document)];
      refusals.push(...(await runWrite(place.db, { insert: place.coll, documents })).errors);
    }
    const [error] = refusals;
    if (error !== undefined) report({ position: entry.position, reason: String(error["errmsg"]) });
  };

  return { resolve: (documents) => documents.map(resolve), write };
}
