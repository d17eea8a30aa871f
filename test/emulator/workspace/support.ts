import type { Document } from "bson";
import { onTestFinished } from "vitest";
import type { Environment } from "../../../src/config/environment.ts";
import { createWorkspace } from "../../../src/emulator/workspace/workspace.ts";
import type { StateChange, Workspace, WorkspaceOptions } from "../../../src/emulator/workspace/workspace-types.ts";
import type { TestDatabase } from "../../support/mongod.ts";

export const environment: Environment = {
  name: "local",
  target: "emulator",
  databases: {},
  connections: { c: { type: "Cluster" }, k: { type: "Kafka" } },
  collections: [],
  checkpoints: { db: "asp" },
};

/** Opens a workspace on the test mongod, whose state is in a database of the test's own; killed when the test ends. */
export async function open(
  mongod: TestDatabase,
  db: string,
  options: Partial<WorkspaceOptions> = {},
): Promise<Workspace> {
  const cluster = { name: "test", client: mongod.client };
  const workspace = await createWorkspace({
    cluster: () => cluster,
    checkpoints: { cluster, db },
    checkpointIntervalMs: 20,
    environment,
    ...options,
  });
  onTestFinished(() => workspace.kill());
  return workspace;
}

/** Collects changes of state as `CREATED > STARTING`. */
export function watchStates(): { readonly onState: (change: StateChange) => void; readonly seen: string[] } {
  const seen: string[] = [];
  return { seen, onState: ({ name, from, to }) => void seen.push(`${name}: ${from ?? ""} > ${to}`) };
}

export async function idsIn(mongod: TestDatabase, db: string, coll: string): Promise<readonly unknown[]> {
  const found = await mongod.client
    .db(db)
    .collection<Document>(coll)
    .find({}, { sort: { _id: 1 } })
    .toArray();
  return found.map(({ _id }) => _id);
}

export async function insert(
  mongod: TestDatabase,
  db: string,
  coll: string,
  documents: readonly Document[],
): Promise<void> {
  await mongod.client
    .db(db)
    .collection<Document>(coll)
    .insertMany([...documents]);
}

/** Names of what a database holds, but for where the engine asked what the server can do, and who runs its processors. */
export async function collectionsIn(mongod: TestDatabase, db: string): Promise<readonly string[]> {
  const found = await mongod.client.db(db).listCollections({}, { nameOnly: true }).toArray();
  return found
    .map(({ name }) => name)
    .filter((name) => name !== "asp_probe" && name !== "asp_lease")
    .toSorted();
}
