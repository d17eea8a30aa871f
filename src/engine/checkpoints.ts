import type { Document } from "bson";
import type { Cluster } from "./engine.ts";
import type { FlowState } from "./flow.ts";
import type { Position } from "./sources/batch.ts";
import { checkpointsCollection } from "./core/state-names.ts";
import { exactTypes } from "./core/exact-bson.ts";

/** What a restart continues from. */
export interface Checkpoint {
  readonly _id: string;
  /** The `$source` that the position belongs to, as text. */
  readonly source: string;
  readonly position: Position;
  /** What a window knows. Its documents are in a collection of their own. */
  readonly state?: FlowState;
  readonly at: Date;
}

/** Where checkpoints are kept: one document per processor in `asp_checkpoints`. */
export interface CheckpointStore {
  load(processor: string): Promise<Checkpoint | undefined>;
  save(checkpoint: Checkpoint): Promise<void>;
  remove(processor: string): Promise<void>;
  /** Processors with a checkpoint whose names begin so. */
  named(beginning: string): Promise<readonly string[]>;
  readonly namespace: string;
}

export function createCheckpointStore({
  cluster,
  db,
}: {
  readonly cluster: Cluster;
  readonly db: string;
}): CheckpointStore {
  const collection = cluster.client.db(db).collection<Document>(checkpointsCollection);
  return {
    namespace: `${db}.${checkpointsCollection}`,
    load: async (processor) => {
      const found = await collection.findOne({ _id: processor as never }, exactTypes);
      return found === null ? undefined : (found as unknown as Checkpoint);
    },
    save: async (checkpoint) => {
      const options = { upsert: true, writeConcern: { w: "majority", journal: true } } as const;
      await collection.replaceOne({ _id: checkpoint._id as never }, checkpoint, options);
    },
    named: async (beginning) => {
      const filter = { _id: { $gte: beginning, $lt: `${beginning}\uffff` } as never };
      const found = await collection.find(filter, { projection: { _id: 1 } }).toArray();
      return found.map(({ _id }) => String(_id));
    },
    remove: async (processor) => {
      await collection.deleteOne({ _id: processor as never }, { writeConcern: { w: "majority", journal: true } });
    },
  };
}
