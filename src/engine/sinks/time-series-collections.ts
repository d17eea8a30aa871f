import { MongoServerError } from "mongodb";
import { AspError } from "../../diagnostics/asp-error.ts";
import { isDocumentError } from "../core/document-error.ts";
import { isLiteralText, type TimeSeriesPlan } from "../core/plan-sink.ts";
import { serverReason } from "../core/server-reason.ts";
import type { Cluster } from "../engine.ts";

export interface Namespace {
  readonly db: string;
  readonly coll: string;
}

/** The collections that an `$emit` to time series writes to: created where they are not there. */
export interface TimeSeriesCollections {
  /** Creates the collection, where its name is constant. Rejects with AspError ASP5155 where it cannot be written to. */
  prepare(): Promise<void>;
  /** Creates a collection once; gives the reason why it cannot be written to. */
  ensure(namespace: Namespace): Promise<string | undefined>;
}

export interface TimeSeriesCollectionsOptions {
  readonly cluster: Cluster;
  /** Of the processor. */
  readonly name: string;
}

const namespaceExists = 48;

export function createTimeSeriesCollections(
  { db, coll, timeseries }: TimeSeriesPlan,
  { cluster, name }: TimeSeriesCollectionsOptions,
): TimeSeriesCollections {
  const ensured = new Map<Namespace, Promise<string | undefined>>();

  const make = async ({ db: database, coll: collection }: Namespace): Promise<string | undefined> => {
    const home = cluster.client.db(database);
    // Who may write to a collection need not be allowed to list them.
    const listing = home.listCollections({ name: collection }).next();
    const found = await listing.catch(() => ({ type: "timeseries" }));
    if (found !== null) return misfit(found, timeseries?.["timeField"]);
    if (timeseries === undefined) return "it is not there, and `$emit` has no `timeseries` to create it with";
    const options = { timeField: String(timeseries["timeField"]), ...timeseries };
    try {
      await home.createCollection(collection, { timeseries: options });
      return undefined;
    } catch (error) {
      // Another processor may have made it since.
      if (error instanceof MongoServerError && error.code === namespaceExists)
        return make({ db: database, coll: collection });
      if (!isDocumentError(error)) throw error;
      return serverReason(error);
    }
  };

  const ensure = async (namespace: Namespace): Promise<string | undefined> => {
    const making = ensured.get(namespace) ?? make(namespace);
    ensured.set(namespace, making);
    try {
      return await making;
    } catch (error) {
      ensured.delete(namespace);
      throw error;
    }
  };

  return {
    ensure,
    prepare: async () => {
      if (!isLiteralText(db) || !isLiteralText(coll)) return;
      const reason = await make({ db, coll });
      if (reason === undefined) return;
      throw new AspError("ASP5155", `\`${name}\` cannot emit to ${db}.${coll}: ${reason}`, {
        help: "emit to another collection, or write its `timeseries` as the collection has it",
      });
    },
  };
}

/** Why documents with this time field cannot go to a collection that is there. */
function misfit(found: object, timeField: unknown): string | undefined {
  const { type = "collection", options } = found as {
    readonly type?: string;
    readonly options?: { readonly timeseries?: { readonly timeField?: unknown } };
  };
  if (type !== "timeseries") return `it is a ${type === "collection" ? "plain collection" : type}`;
  const own = options?.timeseries?.timeField;
  if (own === undefined || timeField === undefined || own === timeField) return undefined;
  return `it is a time series by \`${String(own)}\`, and \`$emit\` says \`${String(timeField)}\``;
}
