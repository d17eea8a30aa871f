import type { Document } from "bson";
import type { Cluster } from "../engine.ts";
import type { StageRunner } from "../stage-runner.ts";
import { decodeExact, fieldOf } from "../core/exact-bson.ts";
import type { ResumeToken } from "../core/resume-token.ts";
import { initialSyncMark, madeEvent, type Batch, type Position, type SourceEvent } from "./batch.ts";

const batchSize = 1000;

/** What has been copied so far. */
type Sync = NonNullable<Position["sync"]>;

export interface SyncSource {
  readonly cluster: Cluster;
  readonly db: string;
  readonly colls: readonly string[];
  /** `config.pipeline`: it sees the copied documents as it sees changes. */
  readonly pipeline: readonly Document[];
  readonly runner: StageRunner;
  readonly now: () => number;
}

/**
 * Delivers the documents that a collection holds as insert events, in `_id` order, collection by collection, before the
 * change stream that was opened first (at `token`) goes on: nothing is missed, and what changed meanwhile comes twice.
 *
 * Source: asp-language 1.1.4, `initialSync`.
 */
export async function* readInitialSync(source: SyncSource, token: ResumeToken, sync: Sync): AsyncGenerator<Batch> {
  const done = [...sync.done];
  for (const coll of source.colls.filter((name) => !sync.done.includes(name))) {
    const from = sync.coll === coll ? sync.lastId : undefined;
    const filter = from === undefined ? {} : { $expr: { $gt: ["$_id", { $literal: from }] } };
    const collection = source.cluster.client.db(source.db).collection(coll);
    const cursor = collection.find(filter, {
      raw: true,
      sort: { _id: 1 },
      batchSize,
      readConcern: { level: "majority" },
    });
    let open: SourceEvent[] = [];
    let before: Position = { token, sync: { done: [...done], ...(from === undefined ? {} : { coll, lastId: from }) } };
    for await (const bytes of cursor as unknown as AsyncIterable<Uint8Array>) {
      const document = decodeExact(bytes);
      const lastId = fieldOf(document, "_id");
      const event = toInsertEvent(document, { db: source.db, coll }, token, source.now());
      open.push(madeEvent(event, bytes.byteLength, { token, sync: { done: [...done], coll, lastId } }));
      if (open.length === batchSize) {
        yield await filtered(source, open, before);
        before = open.at(-1)?.after ?? before;
        open = [];
      }
    }
    if (open.length > 0) yield await filtered(source, open, before);
    done.push(coll);
  }
}

/** Until its last event is handled, a filtered batch counts as not begun: a crash within it delivers it again. */
async function filtered(source: SyncSource, events: readonly SourceEvent[], before: Position): Promise<Batch> {
  const position = events.at(-1)?.after ?? before;
  if (source.pipeline.length === 0) return { events: events.map(marked), position };
  const passed = await source.runner.run(
    source.pipeline,
    events.map((event) => event.document()),
  );
  const made = passed.map(({ document, bytes }, index) =>
    marked(madeEvent(document, bytes, index === passed.length - 1 ? position : before)),
  );
  return { events: made, position };
}

/** After `config.pipeline`, which must not see the mark. */
function marked(event: SourceEvent): SourceEvent {
  const document = event.document();
  const copy =
    document instanceof Map
      ? (new Map([...document, [initialSyncMark, true]]) as unknown as Document)
      : { ...document, [initialSyncMark]: true };
  return { ...event, document: () => copy };
}

function toInsertEvent(
  document: Document,
  ns: { readonly db: string; readonly coll: string },
  token: ResumeToken,
  nowMs: number,
): Document {
  return {
    _id: token,
    operationType: "insert",
    wallTime: new Date(nowMs),
    fullDocument: document,
    ns,
    documentKey: { _id: fieldOf(document, "_id") },
  };
}
