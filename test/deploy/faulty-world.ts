import { expect } from "vitest";
import { isSame } from "../../src/deploy/plan/normal-form.ts";
import { readOwnership } from "../../src/deploy/record/read-ownership.ts";
import type { Target } from "../../src/deploy/targets/target.ts";
import type { Fault } from "../../src/emulator/admin/faults/fault.ts";
import type { StateChange } from "../../src/emulator/workspace/workspace-types.ts";
import type { Definition } from "../../src/stages/definition.ts";
import type { RunningEmulator } from "../../src/testing/index.ts";
import { freshName } from "../engine/support.ts";
import type { TestDatabase } from "../support/mongod.ts";
import { startCuttingProxy } from "./cutting-proxy.ts";
import { deployAll, environmentOf, outcomesOf, pace, statesIn, type ApplyChanges, type Wanted } from "./deploying.ts";
import { arm, copying, countFaults, openEmulator, openTarget } from "./support.ts";

export const quick = {
  ...pace,
  watch: { reads: 2, pauseMs: 1, longestMs: 20_000 },
  settle: { pauseMs: 5, longestMs: 20_000 },
};

export interface World {
  readonly emulator: RunningEmulator;
  readonly changes: StateChange[];
  readonly wanted: readonly Definition[];
  readonly options: Wanted;
  /** As it was before anything was deployed. */
  reset(): Promise<void>;
}

/** Orders is to be edited, `old` renamed, `gone` deleted, and payments made. */
export async function openWorld(mongod: TestDatabase): Promise<World> {
  const changes: StateChange[] = [];
  const emulator = await openEmulator(mongod, { onState: (_, change) => void changes.push(change) });
  const source = freshName();
  const from = (name: string, sink: string, stage: object): Definition => ({
    name,
    pipeline: copying(mongod.db, source, `${source}_${sink}`, stage),
  });
  const db = mongod.freshDb();
  const claims = mongod.client
    .db(db)
    .collection<{ readonly _id: { readonly workspace: string; readonly processor: string }; readonly owner: string }>(
      "asp_deployed",
    );
  const before = [
    from("orders", "orders", { $match: { n: 1 } }),
    from("old", "sales", { $match: { n: 1 } }),
    from("gone", "gone", { $match: { n: 1 } }),
  ];
  return {
    emulator,
    changes,
    wanted: [
      from("orders", "orders", { $match: { n: 2 } }),
      from("sales", "sales", { $match: { n: 2 } }),
      from("payments", "payments", { $match: { n: 2 } }),
    ],
    options: {
      environment: environmentOf({ uri: mongod.uri, db }),
      plan: { prune: true, renames: new Map([["sales", "old"]]) },
    },
    reset: async () => {
      const workspace = emulator.project.find("local")?.workspace;
      if (workspace === undefined) throw new Error("no workspace");
      for (const { name } of workspace.list()) await workspace.drop(name);
      await claims.deleteMany({});
      for (const definition of before) {
        await workspace.create(definition);
        await workspace.start(definition.name);
        await claims.insertOne({ _id: { workspace: "local", processor: definition.name }, owner: "asp" });
      }
      changes.length = 0;
    },
  };
}

export const deployOnce = (target: Target, { wanted, options }: World, changes: ApplyChanges = {}) =>
  deployAll(target, wanted, options, { pace: quick, ...changes });

/** It is as wanted, nothing is beside it, all of it is owned, and no two that write the same ran at once. */
export async function expectWanted(world: World, target: Target): Promise<void> {
  const { wanted, options, changes } = world;
  expect(await statesIn(target)).toEqual([
    ["orders", "STARTED"],
    ["payments", "STARTED"],
    ["sales", "STARTED"],
  ]);
  for (const { name, pipeline } of wanted) {
    expect(isSame((await target.processor(name))?.pipeline, pipeline)).toBe(true);
  }
  const running = new Set(["orders", "old", "gone"]);
  for (const { name, to } of changes) {
    if (to === "STARTED") running.add(name);
    else running.delete(name);
    expect(running.has("old") && running.has("sales")).toBe(false);
  }
  // Nothing is left to do, and the record says the same.
  const again = await deployOnce(target, world);
  expect(outcomesOf(again)).toEqual(["orders", "sales", "payments"].map((name) => ["keep", name, "unchanged"]));
  const environment = options.environment ?? environmentOf();
  const { ownership } = await readOwnership(environment, { env: {}, signal: new AbortController().signal });
  expect(ownership.kind === "recorded" ? [...ownership.own].toSorted() : []).toEqual(["orders", "payments", "sales"]);
}

/** How a request of the Admin API fails, and whether all after it do. */
export const faults: readonly Fault[] = [
  { drop: "before" },
  { drop: "after" },
  { status: 504, applied: true, body: "html" },
  { drop: "before", always: true },
  { drop: "after", always: true },
];

/**
 * Deploys while the request at each position fails, then deploys again where that did not do, and looks.
 *
 * @returns how many positions there were
 */
export async function failEachRequest(
  mongod: TestDatabase,
  faultAt: (position: number) => Fault,
  step = 1,
): Promise<number> {
  const world = await openWorld(mongod);
  const target = await openTarget("admin-api, service account", world.emulator);
  for (let position = 0; ; position += step) {
    await world.reset();
    const fault = faultAt(position);
    // The second one does nothing, and is gone once the request came that the first one is for.
    await arm(world.emulator, [
      { ...fault, skip: position },
      { lagMs: 0, skip: position },
    ]);
    const first = await attempt(target, world);
    const wasMet = (await countFaults(world.emulator)) < 2;
    await arm(world.emulator, []);
    if (!wasMet) expect(first).toBe("done");
    if (first !== "done") expect((await deployOnce(target, world)).outcome).toBe("done");
    await expectWanted(world, target);
    if (!wasMet) return position;
  }
}

/** The same by wire, where a connection is cut. */
export async function cutEachRequest(mongod: TestDatabase, when: "before" | "after", step = 1): Promise<number> {
  const world = await openWorld(mongod);
  const { emulator } = world;
  const proxy = await startCuttingProxy(Number(new URL(emulator.wire.replace("mongodb:", "http:")).port));
  const wire = emulator.wire.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${proxy.port}`);
  const target = await openTarget("wire", emulator, { wire });
  for (let position = 0; ; position += step) {
    await world.reset();
    await target.processors();
    proxy.cutAfter(position, when);
    const first = await attempt(target, world);
    const wasMet = !proxy.isArmed();
    proxy.cutAfter(Number.MAX_SAFE_INTEGER, when);
    if (first !== "done") expect((await deployOnce(target, world)).outcome).toBe("done");
    await expectWanted(world, target);
    if (!wasMet) return position;
  }
}

async function attempt(target: Target, world: World): Promise<string> {
  try {
    const { outcome, results } = await deployOnce(target, world);
    return [outcome, ...results.flatMap(({ failure }) => failure?.finding.message ?? [])].join("; ");
  } catch (error) {
    return String(error);
  }
}
