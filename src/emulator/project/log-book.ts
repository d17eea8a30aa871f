import type { MongoClient } from "mongodb";
import type { LogEntry } from "../project-types.ts";

export interface LogBook {
  /** Kept in the order of the calls; {@link flushed} tells when. */
  write(entry: LogEntry): void;
  read(wanted: {
    readonly kind: LogEntry["kind"];
    readonly from?: Date;
    readonly to?: Date;
    readonly processor?: string;
  }): Promise<readonly LogEntry[]>;
  flushed(): Promise<void>;
}

/** Older entries go. */
const mostBytes = 32 * 1024 * 1024;
const namespaceExists = 48;

/** What has happened in one workspace: a capped collection, so that an emulator that runs for weeks does not fill the disk. */
export async function openLogBook(client: MongoClient, db: string): Promise<LogBook> {
  await client
    .db(db)
    .createCollection("asp_log", { capped: true, size: mostBytes })
    .catch((error: { readonly code?: unknown }) => {
      if (error.code !== namespaceExists) throw error;
    });
  const collection = client.db(db).collection<LogEntry>("asp_log");
  let writing: Promise<unknown> = Promise.resolve();
  return {
    write: (entry) => {
      // A log that cannot be kept stops nothing.
      writing = writing.then(() => collection.insertOne({ ...entry })).catch(() => undefined);
    },
    read: async ({ kind, from, to, processor }) => {
      await writing;
      const at = { ...(from && { $gte: from }), ...(to && { $lte: to }) };
      const filter = {
        kind,
        ...(Object.keys(at).length > 0 && { at }),
        ...(processor !== undefined && { processor }),
      };
      return collection.find(filter, { projection: { _id: 0 } }).toArray();
    },
    flushed: async () => {
      await writing;
    },
  };
}
