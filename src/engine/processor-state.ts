import { stateNames } from "./core/state-names.ts";
import { createCheckpointStore, type CheckpointStore } from "./checkpoints.ts";
import type { EngineOptions } from "./engine.ts";

/** What processors that do not run have left behind: checkpoints, and the documents of open windows. */
export interface ProcessorStates extends Pick<CheckpointStore, "load"> {
  /** Takes it away; nothing happens where there is none. A crash on the way leaves what the next call takes away. */
  drop(processor: string): Promise<void>;
  /** Moves it to another name, which has none. Done again after a crash, it finishes. */
  rename(from: string, to: string): Promise<void>;
}

export function createProcessorStates(options: EngineOptions["checkpoints"]): ProcessorStates {
  const { cluster, db: dbName } = options;
  const db = cluster.client.db(dbName);
  const store = createCheckpointStore(options);
  const collectionsOf = async (processor: string): Promise<readonly string[]> => {
    const all = await db.listCollections({}, { nameOnly: true }).toArray();
    return all.map(({ name }) => name).filter(stateNames(processor).has);
  };
  return {
    load: store.load,
    drop: async (processor) => {
      // Without a checkpoint, what windows have kept is taken away at the next start.
      await store.remove(processor);
      for (const name of await collectionsOf(processor)) await db.dropCollection(name);
    },
    rename: async (from, to) => {
      const [old, own] = [stateNames(from), stateNames(to)];
      for (const name of await collectionsOf(from)) {
        const target = name === old.documents ? own.documents : name === old.sessions ? own.sessions : undefined;
        // What a stage has put aside is of no use between two runs.
        if (target === undefined) await db.dropCollection(name);
        else await db.renameCollection(name, target, { dropTarget: true });
      }
      const checkpoint = await store.load(from);
      if (checkpoint !== undefined) await store.save({ ...checkpoint, _id: to });
      await store.remove(from);
    },
  };
}
