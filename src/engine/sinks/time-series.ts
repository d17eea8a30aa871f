import type { Document } from "bson";
import { computedOptions, notDatabase, textReader } from "../core/computed-text.ts";
import { isDocumentError } from "../core/document-error.ts";
import { createDynamicTargets } from "../core/dynamic-targets.ts";
import type { TimeSeriesPlan } from "../core/plan-sink.ts";
import { serverReason } from "../core/server-reason.ts";
import { embedBson } from "../embed-bson.ts";
import type { Cluster } from "../engine.ts";
import { cutByBytes } from "./cut-commands.ts";
import { runWrite } from "./run-write.ts";
import type { Sink, SinkRefusal } from "./sink.ts";
import { createTimeSeriesCollections, type Namespace } from "./time-series-collections.ts";

export interface TimeSeriesOptions {
  readonly cluster: Cluster;
  /** Of the processor. */
  readonly name: string;
}

/** Source: asp-language section 1.7. */
const documentBytesMax = 4 * 1024 * 1024;

interface Target {
  readonly namespace: Namespace;
  readonly document: Uint8Array;
}
type Resolved = Target | { readonly reason: string };

/** The expressions of an `$emit` to a time series that each document answers for itself. */
export function timeSeriesExpressions({ db, coll }: TimeSeriesPlan): Document | undefined {
  return computedOptions({ db, coll });
}

/**
 * Inserts documents into time series collections, as `$emit` does. A time series has no unique index, not even on `_id`: what is
 * delivered again is stored again.
 */
export function createTimeSeriesSink(plan: TimeSeriesPlan, options: TimeSeriesOptions): Sink<Resolved> {
  const { cluster } = options;
  const collections = createTimeSeriesCollections(plan, options);
  const isDynamic = timeSeriesExpressions(plan) !== undefined;
  const dynamicTargets = createDynamicTargets("$emit");
  const readDb = textReader("$emit", "db", plan.db);
  const readColl = textReader("$emit", "coll", plan.coll);
  const namespaces = new Map<string, Namespace>();

  const toNamespace = (db: string, coll: string): Namespace => {
    const key = `${db}\u0000${coll}`;
    const known = namespaces.get(key) ?? { db, coll };
    namespaces.set(key, known);
    return known;
  };

  const insert = async (
    { db, coll }: Namespace,
    entries: readonly { readonly position: number; readonly document: Uint8Array }[],
  ): Promise<readonly SinkRefusal[]> => {
    const documents = entries.map(({ document }) => embedBson(document));
    try {
      const database = cluster.client.db(db);
      const { errors } = await runWrite(database, { insert: coll, documents, ordered: false });
      return errors.flatMap(({ index, errmsg }) => {
        const entry = entries[index as number];
        const reason = serverReason(new Error(String(errmsg)));
        return entry === undefined ? [] : [{ position: entry.position, reason }];
      });
    } catch (error) {
      if (!isDocumentError(error)) throw error;
      const [only] = entries;
      if (entries.length === 1 && only !== undefined) return [{ position: only.position, reason: serverReason(error) }];
      // The command as a whole was refused: alone, each document shows whether it is the one.
      const refusals: SinkRefusal[] = [];
      for (const entry of entries) refusals.push(...(await insert({ db, coll }, [entry])));
      return refusals;
    }
  };

  const write = async (targets: readonly Resolved[]): Promise<readonly SinkRefusal[]> => {
    const refusals: SinkRefusal[] = [];
    const groups = new Map<Namespace, { readonly position: number; readonly document: Uint8Array }[]>();
    for (const [position, target] of targets.entries()) {
      if ("reason" in target) {
        refusals.push({ position, reason: target.reason });
        continue;
      }
      const { namespace, document } = target;
      const group = groups.get(namespace);
      if (group === undefined) groups.set(namespace, [{ position, document }]);
      else group.push({ position, document });
    }
    for (const [namespace, entries] of groups) {
      const reason = await collections.ensure(namespace);
      if (reason !== undefined) refusals.push(...entries.map(({ position }) => ({ position, reason })));
      else for (const part of cutByBytes(entries)) refusals.push(...(await insert(namespace, part)));
    }
    return refusals.toSorted((a, b) => a.position - b.position);
  };

  return {
    operator: "$emit",
    prepare: collections.prepare,
    resolve: (outgoing) =>
      outgoing.map(({ document, values }) => {
        const [db, coll] = [readDb(values), readColl(values)];
        if ("reason" in db) return db;
        if ("reason" in coll) return coll;
        const noDatabase = notDatabase("$emit", "db", db.text);
        if (noDatabase !== undefined) return { reason: noDatabase };
        if (isDynamic) dynamicTargets.add(db.text, coll.text);
        if (document.length > documentBytesMax) return { reason: tooLarge(document.length) };
        return { namespace: toNamespace(db.text, coll.text), document };
      }),
    write,
    flush: async () => undefined,
    close: async () => undefined,
  };
}

function tooLarge(bytes: number): string {
  return `a document of a time series collection may have ${documentBytesMax} bytes, found ${bytes}`;
}
