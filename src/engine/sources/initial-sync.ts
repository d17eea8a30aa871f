import type { Document } from "bson";
import { BSON } from "mongodb";
import { createFieldFinder, decodeField, withFields } from "../core/bson-fields.ts";
import { embedBson } from "../embed-bson.ts";
import type { Cluster } from "../engine.ts";
import type { StageRunner } from "../stage-runner.ts";
import type { ResumeToken } from "../core/resume-token.ts";
import { initialSyncMark, type Batch, type Position, type SourceEvent } from "./batch.ts";

const batchSize = 1000;
const findId = createFieldFinder("_id");

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
      const lastId = decodeField(bytes, findId(bytes));
      const bson = toInsertEvent(bytes, lastId, { db: source.db, coll }, token, source.now());
      open.push({ bson, after: { token, sync: { done: [...done], coll, lastId } } });
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
