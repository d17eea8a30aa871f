import type { Document } from "bson";
import { BSON, type ReadPreference } from "mongodb";
import { AspError, isAspError } from "../../diagnostics/asp-error.ts";
import { createFieldFinder, decodeField, withFields } from "../core/bson-fields.ts";
import { isPassingError } from "../core/document-error.ts";
import { serverReason } from "../core/server-reason.ts";
import type { SyncPosition } from "../core/sync-position.ts";
import { embedBson } from "../embed-bson.ts";
import type { Cluster } from "../engine.ts";
import type { StageRunner } from "../stage-runner.ts";
import type { ResumeToken } from "../core/resume-token.ts";
import { initialSyncMark, type Batch, type Position, type SourceEvent } from "./batch.ts";

const batchSize = 1000;
const findId = createFieldFinder("_id");

export interface SyncSource {
  readonly cluster: Cluster;
  readonly db: string;
  readonly colls: readonly string[];
  /** `config.pipeline`: it sees the copied documents as it sees changes. */
  readonly pipeline: readonly Document[];
  readonly runner: StageRunner;
  readonly now: () => number;
  readonly readPreference: ReadPreference;
}

/**
 * What there is to copy: those of the collections that exist now. One that is made later has all its documents in the change stream.
 *
 * @throws AspError for a view or a time series collection, which have no change stream
 */
export async function beginSync({ cluster, db, colls, readPreference }: SyncSource): Promise<SyncPosition> {
  const database = cluster.client.db(db);
  const found = await database.listCollections({ name: { $in: [...colls] } }, { nameOnly: true }).toArray();
  const types = new Map(found.map(({ name, type }) => [name, type]));
  const targets: { readonly coll: string; readonly estimatedDocs: number }[] = [];
  for (const coll of colls) {
    const type = types.get(coll);
    if (type === undefined) continue;
    if (type !== "collection") throw notACollection(`${db}.${coll}`, type);
    targets.push({ coll, estimatedDocs: await database.collection(coll).estimatedDocumentCount({ readPreference }) });
  }
  return { targets, done: [] };
}

function notACollection(namespace: string, type: string | undefined): AspError {
  const what = type === "timeseries" ? "a time series collection" : `a ${String(type)}`;
  return new AspError("ASP5171", `\`initialSync\` cannot copy ${namespace}: it is ${what}`, {
    help: "name the collection that it is made of, or leave it out of `coll`",
  });
}

/**
 * Delivers the documents that a collection holds as insert events, in `_id` order, collection by collection, before the
 * change stream that was opened first (at `token`) goes on: nothing is missed, and what changed meanwhile comes twice.
 *
 * Source: asp-language 1.1.4, `initialSync`.
 */
export async function* readInitialSync(
  source: SyncSource,
  token: ResumeToken,
  begun: SyncPosition,
): AsyncGenerator<Batch> {
  let sync = begun;
  for (const { coll } of begun.targets) {
    if (sync.done.some((one) => one.coll === coll)) continue;
    try {
      for await (const batch of readCollection(source, coll, token, sync)) {
        yield batch;
        sync = batch.position.sync ?? sync;
      }
    } catch (error) {
      throw isPassingError(error) || isAspError(error) ? error : cannotCopy(`${source.db}.${coll}`, error);
    }
    const copiedDocs = sync.coll === coll ? sync.copiedDocs : 0;
    sync = { targets: sync.targets, done: [...sync.done, { coll, copiedDocs }] };
    yield { events: [], position: { token, sync } };
  }
}

async function* readCollection(
  source: SyncSource,
  coll: string,
  token: ResumeToken,
  { targets, done, ...reached }: SyncPosition,
): AsyncGenerator<Batch> {
  const isBegun = reached.coll === coll && "lastId" in reached;
  const filter = isBegun ? { $expr: { $gt: ["$_id", { $literal: reached.lastId }] } } : {};
  const { readPreference } = source;
  const collection = source.cluster.client.db(source.db).collection(coll);
  const options = {
    raw: true,
    sort: { _id: 1 },
    batchSize,
    readConcern: { level: "majority" },
    readPreference,
  } as const;
  let copiedDocs = isBegun ? Number(reached.copiedDocs) : 0;
  const at = (lastId: unknown): Position => ({ token, sync: { targets, done, coll, lastId, copiedDocs } });
  let open: SourceEvent[] = [];
  let before: Position = { token, sync: { targets, done, ...(isBegun ? reached : { coll, copiedDocs }) } };
  for await (const bytes of collection.find(filter, options) as unknown as AsyncIterable<Uint8Array>) {
    const lastId = decodeField(bytes, findId(bytes));
    copiedDocs += 1;
    const bson = toInsertEvent(bytes, lastId, { db: source.db, coll }, token, source.now());
    open.push({ bson, after: at(lastId) });
    if (open.length === batchSize) {
      yield await filtered(source, open, before);
      before = open.at(-1)?.after ?? before;
      open = [];
    }
  }
  if (open.length > 0) yield await filtered(source, open, before);
}

function cannotCopy(namespace: string, cause: unknown): AspError {
  return new AspError("ASP5172", `\`initialSync\` cannot copy ${namespace}: ${serverReason(cause)}`, {
    help: "start again once the reason is gone: what has been copied is not copied again",
    cause,
  });
}

/** Until its last event is handled, a filtered batch counts as not begun: a crash within it delivers it again. */
async function filtered(source: SyncSource, events: readonly SourceEvent[], before: Position): Promise<Batch> {
  const position = events.at(-1)?.after ?? before;
  if (source.pipeline.length === 0) return { events: events.map(marked), position };
  const passed = await source.runner.run(
    source.pipeline,
    events.map(({ bson }) => bson),
  );
  const made = passed.map((bson, index) => marked({ bson, after: index === passed.length - 1 ? position : before }));
  return { events: made, position };
}

/** After `config.pipeline`, which must not see the mark. */
function marked(event: SourceEvent): SourceEvent {
  return { ...event, bson: withFields(event.bson, { [initialSyncMark]: true }, "after") };
}

function toInsertEvent(
  document: Uint8Array,
  _id: unknown,
  ns: { readonly db: string; readonly coll: string },
  token: ResumeToken,
  nowMs: number,
): Uint8Array {
  return BSON.serialize({
    _id: token,
    operationType: "insert",
    wallTime: new Date(nowMs),
    fullDocument: embedBson(document),
    ns,
    documentKey: { _id },
  });
}
