import type { Document } from "bson";
import { expect } from "vitest";
import type { Environment } from "../../src/config/environment.ts";
import { isSame } from "../../src/deploy/plan/normal-form.ts";
import { toDesiredConnections, toDesiredWorkspace } from "../../src/deploy/read-desired.ts";
import { toDesiredCollections } from "../../src/deploy/read-desired-collections.ts";
import { readOwnership } from "../../src/deploy/record/read-ownership.ts";
import type { Target } from "../../src/deploy/targets/target.ts";
import type { Fault } from "../../src/emulator/admin/faults/fault.ts";
import type { Definition } from "../../src/stages/definition.ts";
import type { RunningEmulator } from "../../src/testing/index.ts";
import type { TestDatabase } from "../support/mongod.ts";
import { applyFile, makeDestroyFile, makeFile, outcomesOf, statesIn, type Wanted } from "./deploying.ts";
import { startCuttingProxy } from "./cutting-proxy.ts";
import { quick } from "./faulty-world.ts";
import { arm, copying, countFaults, openEmulator, openTarget } from "./support.ts";

/** A project that manages its workspace, connections and collections, and what is there before it is deployed. */
export interface Surroundings {
  readonly emulator: RunningEmulator;
  readonly target: Target;
  readonly definitions: readonly Definition[];
  readonly wanted: Wanted;
  reset(): Promise<void>;
  /** How many locks are held, or were left behind. */
  locks(): Promise<number>;
  /** The collections of the sinks, each with its indexes and options. */
  collections(): Promise<readonly Document[]>;
}

export const beginnings = ["nothing", "another state"] as const;
/**
 * Nothing: the workspace, its connections, the sinks' collections and indexes and the processors are all made. Another state: there are
 * all of them, and each is changed; one processor is adopted.
 */
export type Beginning = (typeof beginnings)[number];

const workspace = "made";

export async function openSurroundings(
  mongod: TestDatabase,
  beginning: Beginning,
  /** Of the cluster, for asp. */
  uri = mongod.uri,
): Promise<Surroundings> {
  const emulator = await openEmulator(mongod);
  const [db, kept] = [mongod.freshDb(), mongod.freshDb()];
  const environment = environmentOf({ uri, db, kept });
  const definitions = ["orders", "totals"].map((name): Definition => ({
    name,
    pipeline: copying(db, "events", name, { $match: { n: 2 } }, request),
  }));
  const target = await openTarget("admin-api, service account", emulator, { workspace });
  const home = toDesiredWorkspace(environment, {}).workspace;
  const { connections } = toDesiredConnections(environment, {});
  const database = mongod.client.db(db);
  const claims = mongod.client.db(kept).collection<{ readonly _id: Document; readonly owner: string }>("asp_deployed");
  return {
    emulator,
    target,
    definitions,
    wanted: {
      environment,
      connections,
      collections: toDesiredCollections(environment, definitions, { only: false }),
      plan: { ...(home && { workspace: home }) },
    },
    reset: async () => {
      const { project } = emulator;
      const before = project.find(workspace);
      if (before !== undefined) {
        for (const { name } of before.workspace.list()) await before.workspace.drop(name);
        await project.remove(workspace);
      }
      await database.dropDatabase();
      await claims.deleteMany({});
      if (beginning === "nothing") return;
      const made = await project.create({ name: workspace, dataProcessRegion: azure, tier: "SP10" });
      await made.connections.create("Cluster0", { type: "Cluster", clusterName: "Cluster0" });
      await made.connections.create("web", { type: "Https", url: "https://127.0.0.1:9/before" });
      await database.createCollection("orders");
      for (const { name } of definitions) {
        const pipeline = copying(db, "events", name, { $match: { n: name === "orders" ? 1 : 2 } }, request);
        await made.workspace.create({ name, pipeline });
        await made.workspace.start(name);
      }
      await made.workspace.create({ name: "theirs", pipeline: copying(db, "events", "theirs") });
      // The other one is there, and nobody's.
      await claims.insertOne({ _id: { workspace, processor: "orders" }, owner: "asp" });
    },
    locks: () => mongod.client.db(kept).collection("asp_deployed_locks").countDocuments(),
    collections: async () => {
      const found: readonly Document[] = await database
        .listCollections({ name: { $in: ["orders", "totals"] } })
        .toArray();
      const named = found.toSorted((one, other) => (one.name < other.name ? -1 : 1));
      return Promise.all(
        named.map(async ({ name, options }) => ({
          name,
          images: (options as Document)["changeStreamPreAndPostImages"] as unknown,
          indexes: (await database.collection(String(name)).indexes()).map(({ key }) => key as unknown),
        })),
      );
    },
  };
}

const azure = { cloudProvider: "AZURE", region: "westeurope" } as const;
/** So that the connection is used; nobody answers, and nothing asks. */
const request = { $https: { connectionName: "web", as: "said" } };

function environmentOf({
  uri,
  db,
  kept,
}: {
  readonly uri: string;
  readonly db: string;
  readonly kept: string;
}): Environment {
  return {
    name: "staging",
    target: "admin-api",
    databases: {},
    connections: {
      Cluster0: { type: "Cluster", clusterName: "Cluster0", uri, manage: true },
      web: { type: "Https", url: "https://127.0.0.1:9/after", manage: true },
    },
    collections: [
      {
        ...{ connectionName: "Cluster0", db, coll: "orders", indexes: [{ key: { n: 1 } }] },
        changeStreamPreAndPostImages: { enabled: true },
      },
      { connectionName: "Cluster0", db, coll: "totals", indexes: [{ key: { n: 1 }, unique: true }] },
    ],
    checkpoints: { db: "asp" },
    settings: {
      ...{ workspace, manage: true, provider: "AZURE", region: "westeurope", tier: "SP30" },
      record: { connectionName: "Cluster0", db: kept },
    },
  };
}

const author = { pace: quick } as const;

export async function deploySurroundings({ target, definitions, wanted }: Surroundings) {
  const { environment } = wanted;
  const file = await makeFile(target, definitions, wanted);
  return applyFile(target, file, { ...author, ...(environment && { environment }) });
}

export async function destroySurroundings({ target, definitions, wanted }: Surroundings) {
  const { environment } = wanted;
  const file = await makeDestroyFile(target, definitions, wanted);
  return applyFile(target, file, { ...author, command: "destroy", ...(environment && { environment }) });
}

/** All is as wanted, and nothing is left to do. */
export async function expectSurroundings(world: Surroundings): Promise<void> {
  const { target, definitions, wanted } = world;
  expect(await target.workspace()).toMatchObject({ provider: "AZURE", region: "westeurope", tier: "SP30" });
  const connections = await target.connections();
  expect(Object.fromEntries(connections.map(({ name, state }) => [name, state]))).toEqual({
    Cluster0: "READY",
    web: "READY",
  });
  expect(connections.find(({ name }) => name === "web")?.settings).toMatchObject({ url: "https://127.0.0.1:9/after" });
  const states = (await statesIn(target)).filter(([name]) => name !== "theirs");
  expect(states).toEqual(definitions.map(({ name }) => [name, "STARTED"]));
  for (const { name, pipeline } of definitions) {
    expect(isSame((await target.processor(name))?.pipeline, pipeline)).toBe(true);
  }
  expect(await world.collections()).toEqual([
    { name: "orders", images: { enabled: true }, indexes: [{ _id: 1 }, { n: 1 }] },
    { name: "totals", images: undefined, indexes: [{ _id: 1 }, { n: 1 }] },
  ]);
  const again = await deploySurroundings(world);
  expect(outcomesOf(again)).toEqual(definitions.map(({ name }) => ["keep", name, "unchanged"]));
  const { environment } = wanted;
  if (environment === undefined) throw new Error("no environment");
  const { ownership } = await readOwnership(environment, { env: {}, signal: new AbortController().signal });
  expect(ownership.kind === "recorded" ? [...ownership.own].toSorted() : []).toEqual(["orders", "totals"]);
}

/** What `asp` managed is gone, and what it did not is there: the workspace, and the collections with what is in them. */
export async function expectDestroyed(world: Surroundings): Promise<void> {
  const { target } = world;
  expect(await statesIn(target)).toEqual([["theirs", "CREATED"]]);
  // What stays uses it.
  expect((await target.connections()).map(({ name }) => name)).toEqual(["Cluster0"]);
  expect((await world.collections()).map(({ name }) => name as unknown)).toEqual(["orders", "totals"]);
  expect(await target.workspace()).toBeDefined();
}

/**
 * Does something while the request at each position fails, then again where that did not do, and looks.
 *
 * @returns how many positions there were
 */
export async function failEach(
  world: Surroundings,
  { act, prepare = () => Promise.resolve(), look }: Acting,
  faultAt: (position: number) => Fault,
  step = 1,
): Promise<number> {
  for (let position = 0; ; position += step) {
    await world.reset();
    await prepare();
    const fault = faultAt(position);
    // The second one does nothing, and is gone once the request came that the first one is for.
    await arm(world.emulator, [
      { ...fault, skip: position },
      { lagMs: 0, skip: position },
    ]);
    const first = await attempt(act);
    const wasMet = (await countFaults(world.emulator)) < 2;
    await arm(world.emulator, []);
    if (!wasMet) expect(first).toBe("done");
    if (first !== "done") expect(await attempt(act)).toBe("done");
    await look();
    if (!wasMet) return position;
  }
}

/**
 * The same where the cluster of the record, the sinks' collections and their indexes is cut off, by a connection each time.
 *
 * @param when before a piece of a request has arrived, or before its reply does
 */
export async function cutCluster(mongod: TestDatabase, when: "before" | "after", step = 1): Promise<number> {
  const { host } = new URL(mongod.uri);
  const proxy = await startCuttingProxy(Number(host.split(":")[1]));
  const uri = `mongodb://127.0.0.1:${proxy.port}/?directConnection=true`;
  const world = await openSurroundings(mongod, "another state", uri);
  for (let position = 0; ; position += step) {
    await world.reset();
    proxy.cutAfter(position, when);
    const first = await attempt(() => deploySurroundings(world));
    const wasMet = !proxy.isArmed();
    proxy.cutAfter(Number.MAX_SAFE_INTEGER, when);
    if (!wasMet) expect(first).toBe("done");
    // Collections that could not be read when it was planned are no failure: the plan says that it leaves them alone.
    expect(await attempt(() => deploySurroundings(world))).toBe("done");
    await expectSurroundings(world);
    expect(await world.locks()).toBe(0);
    if (!wasMet) return position;
  }
}

export interface Acting {
  readonly act: () => ReturnType<typeof applyFile>;
  readonly prepare?: () => Promise<unknown>;
  readonly look: () => Promise<void>;
}

/** `done`, or what it said. */
export async function attempt(act: Acting["act"]): Promise<string> {
  try {
    const { outcome, results, findings } = await act();
    const failed = [...results.flatMap(({ failure }) => failure?.finding ?? []), ...findings];
    return [outcome, ...failed.map(({ message }) => message)].join("; ");
  } catch (error) {
    return String(error);
  }
}
