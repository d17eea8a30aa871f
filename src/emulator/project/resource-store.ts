import { ObjectId, type Document } from "bson";
import type { Resource, ResourceKind, ResourceStore } from "../project-types.ts";
import type { Store } from "./store.ts";

type Kept = Omit<Resource, "id"> & { readonly _id: string };

export async function openResourceStore(store: Store, now: () => number): Promise<ResourceStore> {
  const resources = new Map<string, Resource>();
  for (const { _id, ...rest } of await store.load<Kept>("resources")) resources.set(_id, { id: _id, ...rest });

  const save = async (resource: Resource): Promise<Resource> => {
    const { id: _id, ...rest } = resource;
    await store.save("resources", { _id, ...rest });
    resources.set(_id, resource);
    return resource;
  };
  const find = (kind: ResourceKind, id: string): Resource | undefined => {
    const found = resources.get(id);
    return found?.kind === kind ? found : undefined;
  };
  return {
    list: (kind) => [...resources.values()].filter((each) => each.kind === kind),
    find,
    create: async (kind, fields) => save({ id: new ObjectId().toHexString(), kind, fields, createdAtMs: now() }),
    update: async (kind: ResourceKind, id: string, fields: Document) => {
      const found = find(kind, id);
      if (found === undefined) throw new Error(`there is no ${kind} ${id}`);
      return save({ ...found, fields });
    },
    remove: async (kind, id) => {
      if (find(kind, id) === undefined) return;
      await store.remove("resources", id);
      resources.delete(id);
    },
  };
}
