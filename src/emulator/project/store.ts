import type { Document } from "bson";
import type { Collection, MongoClient } from "mongodb";

/** Where an emulator keeps everything but its processors: collections of one database. */
export interface Store {
  /** Documents of a kind, or those of them that have these values, in the order in which they were made. */
  load<Kept extends Document>(kind: StoreKind, having?: Partial<Kept>): Promise<readonly Kept[]>;
  /** Resolves once it is durable. */
  save(kind: StoreKind, document: Document & { readonly _id: string }): Promise<void>;
  remove(kind: StoreKind, id: string): Promise<void>;
  /** All of a workspace, of which only the id may be known. */
  removeConnections(tenant: string): Promise<void>;
}

export type StoreKind = "tenants" | "connections" | "resources" | "settings";

const durable = { writeConcern: { w: "majority", journal: true } } as const;

/** @param db name of the database */
export function createStore(client: MongoClient, db: string): Store {
  const collection = (kind: StoreKind): Collection<Document & { _id: string }> => client.db(db).collection(kind);
  return {
    load: async <Kept extends Document>(kind: StoreKind, having: Partial<Kept> = {}) => {
      const found = await collection(kind)
        .find(having as Document, { sort: { at: 1, _id: 1 } })
        .toArray();
      return found.map(({ at: _, ...kept }) => kept as unknown as Kept);
    },
    save: async (kind, { _id, ...fields }) => {
      // The time of the first save is its place in the list.
      await collection(kind).updateOne(
        { _id },
        [
          {
            $replaceWith: { $mergeObjects: [{ $literal: { _id, ...fields } }, { at: { $ifNull: ["$at", "$$NOW"] } }] },
          },
        ],
        {
          upsert: true,
          ...durable,
        },
      );
    },
    remove: async (kind, _id) => {
      await collection(kind).deleteOne({ _id }, durable);
    },
    removeConnections: async (tenant) => {
      await collection("connections").deleteMany({ tenant }, durable);
    },
  };
}
