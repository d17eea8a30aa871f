import type { Document, ObjectId } from "bson";
import { MongoServerError } from "mongodb";
import { exactTypes } from "../../engine/core/exact-bson.ts";
import type { EngineOptions } from "../../engine/engine.ts";
import { plainNumbers } from "./plain-numbers.ts";
import type { ProcessorRecord } from "./processor-record.ts";
import type { Counts } from "./stats-reply.ts";
import { alreadyExists } from "./refusals.ts";

/** The processors of a workspace, in the collection `asp_processors` beside the checkpoints. */
export interface ProcessorRegistry {
  prepare(): Promise<void>;
  /** In the order in which they were created. */
  load(): Promise<readonly ProcessorRecord[]>;
  /** Resolves once it is durable. Rejects with AspError ASP5186 where another one has its name. */
  save(record: ProcessorRecord): Promise<void>;
  /** Of processors that run, in one command. What is stored of one that has ended meanwhile stays, since counts only grow. */
  saveCounts(counted: readonly Counted[]): Promise<void>;
  remove(record: ProcessorRecord): Promise<void>;
}

/** What a processor has counted in all its runs. */
export interface Counted {
  readonly id: ObjectId;
  readonly counts: Counts;
}

const duplicateKey = 11000;
const durable = { writeConcern: { w: "majority", journal: true } } as const;

export function openProcessorRegistry({ cluster, db }: EngineOptions["checkpoints"]): ProcessorRegistry {
  const collection = cluster.client.db(db).collection<Document>("asp_processors");
  return {
    prepare: async () => {
      await collection.createIndex({ name: 1 }, { unique: true });
    },
    load: async () => {
      const found = await collection.find({}, { ...exactTypes, sort: { _id: 1 } }).toArray();
      return found.map((document) => plainNumbers(document) as ProcessorRecord);
    },
    save: async (record) => {
      try {
        await collection.replaceOne({ _id: record._id }, record, { upsert: true, ...durable });
      } catch (error) {
        const isTaken = error instanceof MongoServerError && error.code === duplicateKey;
        throw isTaken ? alreadyExists(record.name) : error;
      }
    },
    saveCounts: async (counted) => {
      const updates = counted.map(({ id, counts }) => {
        const grown = Object.entries(counts).map(([field, count]) => [`counts.${field}`, count]);
        return { updateOne: { filter: { _id: id }, update: { $max: Object.fromEntries(grown) } } };
      });
      if (updates.length > 0) await collection.bulkWrite(updates, { ordered: false });
    },
    remove: async ({ _id }) => {
      await collection.deleteOne({ _id }, durable);
    },
  };
}
