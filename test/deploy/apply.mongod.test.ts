import { readFile } from "node:fs/promises";
import { Timestamp } from "bson";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Environment } from "../../src/config/environment.ts";
import { AspError } from "../../src/diagnostics/asp-error.ts";
import type { DesiredConnection } from "../../src/deploy/plan/desired.ts";
import { createAdminApiTarget } from "../../src/deploy/targets/admin-api/admin-api-target.ts";
import { isSame } from "../../src/deploy/plan/normal-form.ts";
import type { Definition } from "../../src/stages/definition.ts";
import type { StateChange } from "../../src/emulator/workspace/workspace-types.ts";
import { freshName } from "../engine/support.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { applyFile, deployAll, pace, environmentOf, makeFile, outcomesOf, statesIn } from "./deploying.ts";
import { arm, copying, openEmulator, openTarget, ways } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

/** A processor from one collection to another; `stage` stands between the two. */
const from = (source: string, name: string, stage: object = { $match: { type: "Paid" } }): Definition => ({
  name,
  pipeline: copying(mongod.db, source, `${source}_${name}`, stage),
});

describe.each(ways)("a deployment by %s", (way) => {
  const open = async (options: Parameters<typeof openEmulator>[1] = {}) => {
    const changes: StateChange[] = [];
    const emulator = await openEmulator(mongod, { onState: (_, change) => void changes.push(change), ...options });
    return { emulator, target: await openTarget(way, emulator), changes };
  };

  test("makes and starts what is new, and then has nothing to do", async () => {
    const { target } = await open();
    const source = freshName();
    const deployed = await deployAll(target, [from(source, "orders"), from(source, "payments")]);
    expect(deployed.outcome).toBe("done");
    expect(await statesIn(target)).toEqual([
      ["orders", "STARTED"],
      ["payments", "STARTED"],
    ]);
    const again = await deployAll(target, [from(source, "orders"), from(source, "payments")]);
    expect(outcomesOf(again)).toEqual([
      ["keep", "orders", "unchanged"],
      ["keep", "payments", "unchanged"],
    ]);
  });

  test("has nothing to do after any option, made with the processor or changed later", async () => {
    const { target } = await open();
    const source = freshName();
    const dlq = { coll: "dead", db: mongod.db, connectionName: "Cluster0" };
    const options: readonly NonNullable<Definition["options"]>[] = [
      { dlq },
      { tier: "SP30" },
      { tier: "SP10", autoscaling: { enabled: true, minTier: "SP5", maxTier: "SP30" } },
      { failoverEnabled: true },
      { dlq, failoverEnabled: false, autoscaling: { enabled: false } },
    ];
    const plain = options.map((_, index) => from(source, `changed${index}`));
    await deployAll(target, plain, {}, { pace: { ...pace, watch: { ...pace.watch, reads: 1 } } });
    const wanted = options.flatMap((each, index) => [
      { ...from(source, `made${index}`), options: each },
      { ...from(source, `changed${index}`), options: each },
    ]);
    expect((await deployAll(target, wanted)).outcome).toBe("done");
    const { steps } = await makeFile(target, wanted);
    expect(steps.filter(({ kind }) => kind !== "keep")).toEqual([]);
  });

  test("stops only what changes, and keeps its checkpoint", async () => {
    const { target, changes } = await open();
    const source = freshName();
    const events = mongod.client.db(mongod.db).collection(source);
    await deployAll(target, [from(source, "orders"), from(source, "payments")]);
    await events.insertOne({ type: "Paid", n: 1 });
    await expect.poll(async () => (await target.stats("orders"))?.inputMessageCount).toBe(1);
    changes.length = 0;
    const file = await makeFile(target, [
      from(source, "orders", { $match: { type: { $in: ["Paid", "Shipped"] } } }),
      from(source, "payments"),
    ]);
    const watched = applyFile(target, file);
    const deployed = await watched;
    await events.insertOne({ type: "Shipped", n: 2 });
    expect(outcomesOf(deployed)).toEqual([
      ["edit", "orders", "done"],
      ["keep", "payments", "unchanged"],
    ]);
    expect(changes.map(({ name, to }) => [name, to])).toEqual([
      ["orders", "STOPPING"],
      ["orders", "STOPPED"],
      ["orders", "STARTING"],
      ["orders", "STARTED"],
    ]);
    const into = mongod.client.db(mongod.db).collection(`${source}_orders`);
    await expect.poll(() => into.countDocuments()).toBe(2);
  });

  test("says what was read meanwhile", async () => {
    const { target } = await open();
    const source = freshName();
    const created = await deployAll(target, [from(source, "orders")]);
    // Nothing is a fact as well.
    expect(created.results).toMatchObject([{ outcome: "done", input: 0 }]);
    await target.stop("orders");
    await mongod.client
      .db(mongod.db)
      .collection(source)
      .insertMany([{ type: "Paid" }, { type: "Paid" }]);
    const reads = { reads: 20, pauseMs: 20, longestMs: 8000 };

    const { results } = await deployAll(target, [from(source, "orders")], {}, { pace: { ...pace, watch: reads } });
    expect(results).toMatchObject([{ outcome: "done", input: 2, step: { kind: "start" } }]);
  });

  test("begins with who reads, and skips who writes for one that failed", async () => {
    const { target, changes } = await open({ retryPausesMs: [] });
    const [source, view] = [freshName(), freshName()];
    await mongod.client.db(mongod.db).createCollection(view, { viewOn: freshName(), pipeline: [] });
    const upstream: Definition = { name: "upstream", pipeline: copying(mongod.db, source, view) };
    const downstream: Definition = { name: "downstream", pipeline: copying(mongod.db, view, freshName()) };
    const deployed = await deployAll(target, [upstream, downstream, from(source, "other")]);
    expect(deployed.outcome).toBe("failed");
    expect(outcomesOf(deployed)).toEqual([
      ["create", "downstream", "failed"],
      ["create", "upstream", "skipped"],
      ["create", "other", "done"],
    ]);
    expect(deployed.results[0]).toMatchObject({
      failure: { fault: "world", finding: { code: "ASP6046", message: expect.stringMatching(/FAILED: .*view/) } },
      notes: [expect.stringContaining("it stays")],
    });
    expect(changes.some(({ name }) => name === "upstream")).toBe(false);
    // The next deployment changes what failed.
    const coll = freshName();
    const mended = [
      { name: "upstream", pipeline: copying(mongod.db, source, coll) },
      { name: "downstream", pipeline: copying(mongod.db, coll, freshName()) },
    ];
    const order: string[] = [];
    const again = await makeFile(target, mended, { plan: { starts: true } });
    const result = await applyFile(
      target,
      { ...again },
      { onEnd: ({ step }) => order.push("name" in step ? step.name : "") },
    );
    // Its source is another one, and nothing of it was read.
    expect(result.outcome).toBe("done");
    expect(order).toEqual(["downstream", "upstream"]);
  });

  test("puts back what the service refuses, starts it again and finishes the rest", async () => {
    const { target, changes } = await open();
    const source = freshName();
    const before = [from(source, "orders"), from(source, "payments")];
    await deployAll(target, before);
    changes.length = 0;
    const deployed = await deployAll(target, [
      from(source, "orders", { $nope: {} }),
      from(source, "payments", { $match: { type: "Shipped" } }),
    ]);
    expect(outcomesOf(deployed)).toEqual([
      ["edit", "orders", "rolled-back"],
      ["edit", "payments", "done"],
    ]);
    expect(deployed.results[0]).toMatchObject({
      failure: { fault: "project", finding: { code: "ASP6048", message: expect.stringContaining("$nope") } },
      notes: ["it runs again as it was before"],
    });
    expect(await statesIn(target)).toEqual([
      ["orders", "STARTED"],
      ["payments", "STARTED"],
    ]);
    expect(isSame((await target.processor("orders"))?.pipeline, before[0]?.pipeline)).toBe(true);
  });

  test("puts back what fails after its start, with its checkpoint", async () => {
    const { target } = await open({ retryPausesMs: [] });
    const [source, view] = [freshName(), freshName()];
    const db = mongod.client.db(mongod.db);
    await db.createCollection(view, { viewOn: source, pipeline: [] });
    const before = from(source, "orders");
    await deployAll(target, [before]);
    await db.collection(source).insertOne({ type: "Paid" });
    await expect.poll(async () => (await target.stats("orders"))?.inputMessageCount).toBe(1);
    // A $lookup with a mistake that only a document shows would be a dead letter; a sink that is a view ends the processor.
    const into = { $merge: { into: { connectionName: "Cluster0", db: mongod.db, coll: view } } };
    const broken = { name: "orders", pipeline: [...before.pipeline.slice(0, 2), into] };
    const stop = new AbortController();
    const writing = setInterval(
      () =>
        void db
          .collection(source)
          .insertOne({ type: "Paid" })
          .catch(() => undefined),
      5,
    );
    stop.signal.addEventListener("abort", () => clearInterval(writing));

    const reads = { reads: 300, pauseMs: 10, longestMs: 8000 };
    const deployed = await deployAll(target, [broken], {}, { pace: { ...pace, watch: reads } });
    stop.abort();
    expect(outcomesOf(deployed)).toEqual([["edit", "orders", "rolled-back"]]);
    expect(deployed.results[0]?.failure).toMatchObject({ fault: "world", finding: { code: "ASP6046" } });
    expect(await statesIn(target)).toEqual([["orders", "STARTED"]]);
    // What came while the broken one ran is processed all the same: nothing of the position was lost. An insert may still be on its way.
    const [read, written] = [db.collection(source), db.collection(`${source}_orders`)];
    const missing = async (): Promise<number> => (await read.countDocuments()) - (await written.countDocuments());
    await expect.poll(missing, { timeout: 10_000 }).toBe(0);
    expect(await written.countDocuments()).toBeGreaterThan(1);
  });

  test("says that a checkpoint which a change gave up is gone, though what is put back could have kept it", async () => {
    const { target } = await open();
    const source = freshName();
    const before = from(source, "orders");
    await deployAll(target, [before]);
    const after = { ...from(source, "orders", { $match: { n: 1 } }), options: { resumeFromCheckpoint: false } };
    let isRefused = false;
    const refusing: typeof target = {
      ...target,
      start: async (name, options) => {
        if (isRefused) return target.start(name, options);
        isRefused = true;
        throw new AspError("ASP6006", "the service refuses: not now");
      },
    };
    const deployed = await deployAll(refusing, [after]);
    expect(deployed.results).toMatchObject([
      { outcome: "rolled-back", notes: ["it runs again as it was before", expect.stringContaining("checkpoint")] },
    ]);
    // A change that is refused itself gives nothing up.
    const refused: typeof target = {
      ...target,
      modify: () => Promise.reject(new AspError("ASP6006", "the service refuses: not this")),
    };
    expect((await deployAll(refused, [after])).results).toMatchObject([
      { outcome: "rolled-back", notes: ["it runs again as it was before"] },
    ]);
  });

  test("renames without a moment in which both run", async () => {
    const { target, changes } = await open();
    const source = freshName();
    await deployAll(target, [from(source, "orders")]);
    changes.length = 0;
    const definition = { ...from(source, "orders"), name: "orders_by_day" };
    const deployed = await deployAll(target, [definition], {
      plan: { renames: new Map([["orders_by_day", "orders"]]) },
    });
    expect(outcomesOf(deployed)).toEqual([["rename", "orders_by_day", "done"]]);
    expect(await statesIn(target)).toEqual([["orders_by_day", "STARTED"]]);
    expect(changes.map(({ name, to }) => [name, to])).toEqual([
      ["orders", "STOPPING"],
      ["orders", "STOPPED"],
      ["orders_by_day", "STARTING"],
      ["orders_by_day", "STARTED"],
    ]);
  });

  test("refuses where the workspace has moved, and names what", async () => {
    const { target } = await open();
    const source = freshName();
    await deployAll(target, [from(source, "orders"), from(source, "payments")]);
    const file = await makeFile(target, [from(source, "orders", { $match: { n: 1 } }), from(source, "payments")]);
    await target.stop("payments");
    await expect(applyFile(target, file)).rejects.toMatchObject({
      code: "ASP6042",
      message: expect.stringMatching(/the processor `payments` has changed$/),
    });
    expect(await statesIn(target)).toEqual([
      ["orders", "STARTED"],
      ["payments", "STOPPED"],
    ]);
  });

  test("of two at once without a record, one does it and the other says so", async () => {
    const { target, emulator } = await open();
    const other = await openTarget(way, emulator);
    const source = freshName();
    const definitions = ["a", "b", "c", "d"].map((name) => from(source, name));
    const files = [await makeFile(target, definitions), await makeFile(other, definitions)] as const;
    const both = await Promise.allSettled([applyFile(target, files[0]), applyFile(other, files[1])]);
    const outcomes = both.map((each) => (each.status === "fulfilled" ? each.value.outcome : String(each.reason)));
    expect(outcomes.filter((outcome) => outcome === "done")).toHaveLength(1);
    const codes = both.flatMap((each) =>
      each.status === "rejected"
        ? [(each.reason as { readonly code: string }).code]
        : each.value.results.flatMap(({ failure }) => failure?.finding.code ?? []),
    );
    expect(codes).toEqual(["ASP6042"]);
    expect((await statesIn(target)).map(([, state]) => state)).toEqual(Array(4).fill("STARTED"));
  });

  test("Ctrl-C finishes the step in hand and begins no other; run again it goes on", async () => {
    const { target } = await open();
    const source = freshName();
    const stopping = new AbortController();
    const view = freshName();
    const definitions = [
      { name: "second", pipeline: copying(mongod.db, source, view) },
      { name: "first", pipeline: copying(mongod.db, view, freshName()) },
    ];
    const tell = (line: string): void => {
      if (line === "first: starting") stopping.abort();
    };
    const deployed = await deployAll(target, definitions, {}, { stopping: stopping.signal, tell });
    expect(deployed.outcome).toBe("interrupted");
    expect(outcomesOf(deployed)).toEqual([
      ["create", "first", "done"],
      ["create", "second", "skipped"],
    ]);
    expect(deployed.results[0]?.notes).toEqual([expect.stringContaining("STARTED")]);
    expect((await deployAll(target, definitions)).outcome).toBe("done");
    expect((await statesIn(target)).map(([, state]) => state)).toEqual(["STARTED", "STARTED"]);
  });

  test("deletes what is no more wanted, last, and nothing where something failed", async () => {
    const { target } = await open();
    const source = freshName();
    const record = { uri: mongod.uri, db: mongod.freshDb() };
    const environment = environmentOf(record);
    await deployAll(target, [from(source, "orders"), from(source, "old")], { environment });
    const wanted = (stage: object) => [from(source, "orders", stage)];
    const refused = await deployAll(target, wanted({ $nope: {} }), { environment, plan: { prune: true } });
    expect(outcomesOf(refused)).toEqual([
      ["edit", "orders", "rolled-back"],
      ["delete", "old", "skipped"],
    ]);
    const deployed = await deployAll(target, wanted({ $match: { n: 1 } }), { environment, plan: { prune: true } });
    expect(outcomesOf(deployed)).toEqual([
      ["edit", "orders", "done"],
      ["delete", "old", "done"],
    ]);
    expect(await statesIn(target)).toEqual([["orders", "STARTED"]]);
  });
});

describe("connections", () => {
  const connection = (changes: Partial<DesiredConnection["settings"]>): DesiredConnection => {
    const settings = { type: "Cluster", clusterName: "Cluster0", ...changes } as const;
    return { name: "more", type: "Cluster", isManaged: true, settings, filled: settings };
  };
  const using = (name: string): Definition => {
    const [source, sink] = [freshName(), freshName()];
    return {
      name,
      pipeline: [
        { $source: { connectionName: "more", db: mongod.db, coll: source, config: { fullDocumentOnly: true } } },
        { $merge: { into: { connectionName: "Cluster0", db: mongod.db, coll: sink } } },
      ],
    };
  };
  const environment: Environment = {
    ...environmentOf(),
    connections: { Cluster0: { type: "Cluster" }, more: { type: "Cluster" } },
  };

  test("are made before, and awaited until they are READY", async () => {
    const emulator = await openEmulator(mongod, { pendingMs: 300 });
    const target = await openTarget("admin-api, service account", emulator);
    const told: string[] = [];
    const deployed = await deployAll(
      target,
      [using("orders")],
      { environment, connections: [connection({})] },
      { tell: (line) => told.push(line) },
    );
    expect(outcomesOf(deployed)).toEqual([
      ["create-connection", "more", "done"],
      ["create", "orders", "done"],
    ]);
    expect(told).toContain("connection more: PENDING");
    expect(await statesIn(target)).toEqual([["orders", "STARTED"]]);
  });

  test("that the service shows and does not know yet are waited for", async () => {
    const emulator = await openEmulator(mongod);
    const target = await openTarget("admin-api, service account", emulator);
    const operation = "createGroupStreamProcessor";
    const detail = "connection named more does not exist. Check sp.listConnections() for the connections that do.";
    const refusal = { operation, status: 400, errorCode: "STREAM_PROCESSOR_GENERIC_ERROR", detail };
    await arm(emulator, [{ ...refusal, times: 2 }]);
    const deployed = await deployAll(target, [using("orders")], { environment, connections: [connection({})] });
    expect(deployed.outcome).toBe("done");
  });

  test("that stay PENDING are told with their state, and what uses them is skipped", async () => {
    const emulator = await openEmulator(mongod, { pendingMs: 3_600_000 });
    const target = await openTarget("admin-api, service account", emulator);

    const source = freshName();
    const short = { ...pace, connection: { pauseMs: 10, longestMs: 200 } };
    const deployed = await deployAll(
      target,
      [using("orders"), from(source, "payments")],
      { environment, connections: [connection({})] },
      { pace: short },
    );
    expect(outcomesOf(deployed)).toEqual([
      ["create-connection", "more", "failed"],
      ["create", "orders", "skipped"],
      ["create", "payments", "done"],
    ]);
    expect(deployed.results[0]?.failure?.finding).toMatchObject({
      code: "ASP6047",
      message: expect.stringContaining("PENDING"),
    });
  });

  test("in use are changed with their processors stopped, and only those", async () => {
    const emulator = await openEmulator(mongod);
    const target = await openTarget("admin-api, service account", emulator);
    const source = freshName();
    const definitions = [using("orders"), from(source, "payments")];
    await deployAll(target, definitions, { environment, connections: [connection({})] });
    const role = { dbRoleToExecute: { role: "readWriteAnyDatabase", type: "BUILT_IN" } } as const;
    const file = await makeFile(target, definitions, { environment, connections: [connection(role)] });
    expect(file.steps).toMatchObject([
      { kind: "edit-connection", stops: ["orders"] },
      { kind: "keep" },
      { kind: "keep" },
    ]);
    const deployed = await applyFile(target, file, { environment });
    expect(deployed.outcome).toBe("done");
    expect(await statesIn(target)).toEqual([
      ["orders", "STARTED"],
      ["payments", "STARTED"],
    ]);
    const changed = (await target.connections()).find(({ name }) => name === "more");
    expect(changed?.settings).toMatchObject(role);
  });

  test("that are refused leave nothing stopped that can be started, and what cannot is told beside the refusal", async () => {
    const emulator = await openEmulator(mongod);
    const target = await openTarget("admin-api, service account", emulator);
    const definitions = [using("orders"), using("payments"), using("refunds")];
    await deployAll(target, definitions, { environment, connections: [connection({})] });
    const role = { dbRoleToExecute: { role: "readWriteAnyDatabase", type: "BUILT_IN" } } as const;
    const file = await makeFile(target, definitions, { environment, connections: [connection(role)] });
    const refusal = { status: 400, errorCode: "STREAM_PROCESSOR_GENERIC_ERROR" } as const;
    await arm(emulator, [
      { operation: "updateGroupStreamConnection", detail: "not this", ...refusal },
      { operation: "startGroupStreamProcessorWith", path: "**/orders:startWith", detail: "nor that", ...refusal },
    ]);
    const deployed = await applyFile(target, file, { environment });
    expect(deployed.results[0]).toMatchObject({
      outcome: "failed",
      failure: { finding: { code: "ASP6048", message: expect.stringContaining("not this") } },
      notes: [expect.stringMatching(/^`orders` was stopped for it and does not run: .*nor that/)],
    });
    expect(await statesIn(target)).toEqual([
      ["orders", "STOPPED"],
      ["payments", "STARTED"],
      ["refunds", "STARTED"],
    ]);
  });

  test("whose variable is not set stop a deployment before it begins", async () => {
    const emulator = await openEmulator(mongod);
    const target = await openTarget("admin-api, service account", emulator);
    const secret = connection({ clusterName: "${CLUSTER}" });
    const file = await makeFile(target, [using("orders")], { environment, connections: [secret] });
    await expect(applyFile(target, file, { environment })).rejects.toThrow("ASP4006");
    expect(await statesIn(target)).toEqual([]);
    const deployed = await applyFile(target, file, { environment, env: { CLUSTER: "Cluster0" } });
    expect(deployed.outcome).toBe("done");
  });
});

describe("what the record holds", () => {
  const open = async () => {
    const changes: StateChange[] = [];
    const emulator = await openEmulator(mongod, { onState: (_, change) => void changes.push(change) });
    const target = await openTarget("admin-api, service account", emulator);
    const db = mongod.freshDb();
    const record = { uri: mongod.uri, db };
    const read = async () =>
      (await mongod.client.db(db).collection("asp_deployed").find().toArray()).map(({ _id }) => _id);
    return { emulator, target, changes, db, environment: environmentOf(record), record, read };
  };

  test("whose a processor is: from before it is made until it is gone", async () => {
    const { target, environment, read } = await open();
    const source = freshName();
    await deployAll(target, [from(source, "orders")], { environment });
    const own = (processor: string) => ({ workspace: "local", processor });
    expect(await read()).toEqual([own("orders")]);
    // Not made, so nobody's.
    await deployAll(target, [from(source, "orders"), from(source, "broken", { $nope: {} })], { environment });
    expect(await read()).toEqual([own("orders")]);
    const renamed = { ...from(source, "orders"), name: "sales" };
    await deployAll(target, [renamed], { environment, plan: { renames: new Map([["sales", "orders"]]) } });
    expect(await read()).toEqual([own("sales")]);
    await deployAll(target, [], { environment, plan: { prune: true } });
    expect(await read()).toEqual([]);
  });

  test("one that is taken over: it is written down, and goes on as it ran", async () => {
    const { target, environment, read, changes } = await open();
    const definition = from(freshName(), "orders");
    await target.create(definition);
    await target.start("orders");
    await expect.poll(async () => (await target.processor("orders"))?.state).toBe("STARTED");
    changes.length = 0;
    expect(outcomesOf(await deployAll(target, [definition], { environment }))).toEqual([["adopt", "orders", "done"]]);
    expect(await read()).toEqual([{ workspace: "local", processor: "orders" }]);
    expect(changes).toEqual([]);
    expect(await statesIn(target)).toEqual([["orders", "STARTED"]]);
    expect(outcomesOf(await deployAll(target, [definition], { environment }))).toEqual([
      ["keep", "orders", "unchanged"],
    ]);
  });

  test("one that somebody stops before it is taken over stays nobody's", async () => {
    const { target, environment, read } = await open();
    const definition = from(freshName(), "orders");
    await target.create(definition);
    await target.start("orders");
    await expect.poll(async () => (await target.processor("orders"))?.state).toBe("STARTED");
    const file = await makeFile(target, [definition], { environment });
    expect(file.steps).toMatchObject([{ kind: "adopt" }]);
    await target.stop("orders");
    await expect(applyFile(target, file, { environment })).rejects.toMatchObject({ code: "ASP6042" });
    expect(await read()).toEqual([]);
  });

  test("a claim on what is not there goes with the next deployment", async () => {
    const { target, environment, read, db } = await open();
    const claims = mongod.client.db(db).collection<{ readonly _id: object; readonly owner: string }>("asp_deployed");
    await claims.insertOne({ _id: { workspace: "local", processor: "crashed" }, owner: "asp" });
    await deployAll(target, [from(freshName(), "orders")], { environment });
    expect(await read()).toEqual([{ workspace: "local", processor: "orders" }]);
  });

  test("what was deployed: by whom, from which commit, with what outcome, and no secret", async () => {
    const { target, environment, db } = await open();
    const source = freshName();
    await deployAll(target, [from(source, "orders"), from(source, "broken", { $nope: {} })], { environment });
    const [entry] = await mongod.client.db(db).collection("asp_deployed_history").find().toArray();
    expect(entry).toMatchObject({
      workspace: "local",
      owner: "asp",
      command: "deploy",
      environment: "staging",
      outcome: "failed",
      author: { user: "tester", commit: "c0ffee" },
      steps: [
        { kind: "create", name: "orders", outcome: "done" },
        { kind: "create", name: "broken", outcome: "failed", reason: expect.stringContaining("$nope") },
      ],
      startedAt: expect.any(Date),
      endedAt: expect.any(Date),
    });
  });

  test("a lock: of two at once one is refused, which names the other; after both nothing is locked", async () => {
    const { target, emulator, environment, db } = await open();
    const other = await openTarget("wire", emulator);
    const source = freshName();
    const definitions = [from(source, "orders"), from(source, "payments")];
    const files = [
      await makeFile(target, definitions, { environment }),
      await makeFile(other, definitions, { environment }),
    ] as const;

    const slow = { ...pace, watch: { reads: 10, pauseMs: 50, longestMs: 8000 } };
    const results = await Promise.allSettled(
      files.map((file, index) => applyFile(index === 0 ? target : other, file, { environment, pace: slow })),
    );
    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(results.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { code: "ASP6044", message: expect.stringContaining("that of tester (on here, project `asp`, since") },
    });
    expect(await statesIn(target)).toEqual([
      ["orders", "STARTED"],
      ["payments", "STARTED"],
    ]);
    expect(await mongod.client.db(db).collection("asp_deployed_locks").countDocuments()).toBe(0);
  });

  test("a lock of one that has crashed is waited for, and taken", async () => {
    const { target, environment, db } = await open();
    const file = await makeFile(target, [from(freshName(), "orders")], { environment });
    const [since, beat] = [new Date(), new Date()];
    await mongod.client
      .db(db)
      .collection<{ readonly _id: string; readonly [field: string]: unknown }>("asp_deployed_locks")
      .insertOne({ _id: "local", holder: "x", owner: "asp", host: "gone", by: "ghost", since, beat });
    const told: string[] = [];
    const tell = (line: string): void => void told.push(line);
    const lockPace = { beatMs: 500, forgottenAfterMs: 5000, tell };
    const deployed = await applyFile(target, file, { environment, lockPace });
    expect(deployed.outcome).toBe("done");
    expect(told.join()).toContain("waiting up to 5 s for another deployment, that of ghost");
  });

  test("a processor that another project takes meanwhile is left to it", async () => {
    const { target, environment, db } = await open();
    const file = await makeFile(target, [from(freshName(), "orders")], { environment });
    await mongod.client
      .db(db)
      .collection<{ readonly _id: object; readonly owner: string }>("asp_deployed")
      .insertOne({ _id: { workspace: "local", processor: "orders" }, owner: "billing" });
    const deployed = await applyFile(target, file, { environment });
    expect(deployed.results[0]?.failure?.finding).toMatchObject({
      code: "ASP6045",
      message: expect.stringContaining("`billing`"),
    });
    expect(await statesIn(target)).toEqual([]);
  });

  test("of a workspace in another Atlas project is nothing of this one's, and whichever door it is reached by is the same", async () => {
    const { target, db, record, read } = await open();
    const inProject = (projectId: string, owner = "asp") => environmentOf({ ...record, projectId, owner });
    const [one, other] = ["65a000000000000000000001", "65a000000000000000000002"] as const;
    const source = freshName();
    await deployAll(target, [from(source, "orders")], { environment: inProject(one) });
    const elsewhere = await openTarget("admin-api, service account", await openEmulator(mongod));
    // Of its owner's name, and yet not its own: a claim on what is not there would be taken back.
    await deployAll(elsewhere, [from(source, "payments")], { environment: inProject(other) });
    await deployAll(elsewhere, [], { environment: inProject(other, "billing") });
    expect(await read()).toEqual([
      { workspace: `${one}/local`, processor: "orders" },
      { workspace: `${other}/local`, processor: "payments" },
    ]);
    const history = mongod.client.db(db).collection("asp_deployed_history");
    expect(await history.distinct("workspace")).toEqual([`${one}/local`, `${other}/local`]);

    // A deployment to the one is no obstacle to one to the other, and is to one through another door.
    const locks = mongod.client
      .db(db)
      .collection<{ readonly _id: string; readonly [field: string]: unknown }>("asp_deployed_locks");
    const held = { holder: "x", owner: "asp", host: "there", by: "somebody", since: new Date(), beat: new Date() };
    await locks.insertOne({ _id: `${one}/local`, ...held });
    const beating = setInterval(() => void locks.updateOne({}, [{ $set: { beat: "$$NOW" } }]), 50);
    try {
      const wired = { ...inProject(one), target: "wire" } as const;
      await expect(deployAll(target, [], { environment: wired })).rejects.toMatchObject({ code: "ASP6044" });
      expect((await deployAll(elsewhere, [], { environment: inProject(other) })).outcome).toBe("done");
    } finally {
      clearInterval(beating);
    }
  });

  test("without the record nothing is made", async () => {
    const { target, environment } = await open();
    const file = await makeFile(target, [from(freshName(), "orders")], { environment });
    const nowhere = environmentOf({ uri: mongod.uri.replace("://", "://user:wr0ng-secret@"), db: "asp" });
    const failure: unknown = await applyFile(target, file, { environment: nowhere }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "ASP6049" });
    expect(String(failure)).not.toContain("wr0ng-secret");
    expect(await statesIn(target)).toEqual([]);
  });
});

test("a PATCH that times out though it was applied is a change that was made", async () => {
  const emulator = await openEmulator(mongod);
  const target = await openTarget("admin-api, service account", emulator);
  const source = freshName();
  await deployAll(target, [from(source, "orders")]);
  const file = await makeFile(target, [from(source, "orders", { $match: { n: 1 } })]);
  await arm(emulator, [{ operation: "updateGroupStreamProcessor", status: 504, applied: true }]);
  expect(outcomesOf(await applyFile(target, file))).toEqual([["edit", "orders", "done"]]);
  expect(await statesIn(target)).toEqual([["orders", "STARTED"]]);
});

test("a lock that is lost ends a deployment after what is under way", async () => {
  const emulator = await openEmulator(mongod);
  const target = await openTarget("admin-api, service account", emulator);
  const db = mongod.freshDb();
  const environment = environmentOf({ uri: mongod.uri, db });
  const [source, view] = [freshName(), freshName()];
  const definitions = [
    { name: "second", pipeline: copying(mongod.db, source, view) },
    { name: "first", pipeline: copying(mongod.db, view, freshName()) },
  ];
  const locks = mongod.client.db(db).collection("asp_deployed_locks");
  const tell = (line: string): void => {
    if (line === "first: starting") void locks.deleteMany({});
  };
  const watch = { reads: 30, pauseMs: 50, longestMs: 8000 };
  const deployed = await deployAll(target, definitions, { environment }, { tell, pace: { ...pace, watch } });
  expect(deployed).toMatchObject({ outcome: "failed", findings: [{ code: "ASP6054" }] });
  expect(outcomesOf(deployed)).toEqual([
    ["create", "first", "done"],
    ["create", "second", "skipped"],
  ]);
});

test("why one has FAILED is told in the service's words, with the page that says more", async () => {
  const emulator = await openEmulator(mongod);
  const target = await openTarget("admin-api, service account", emulator);
  const error = "Worker out of memory";
  const failing: typeof target = {
    ...target,
    processor: async (name) => {
      const found = await target.processor(name);
      return found?.state === "STARTED" ? { ...found, state: "FAILED", error } : found;
    },
  };
  const more = "`asp explain ASP5190` says more";
  const created = await deployAll(failing, [from(freshName(), "orders")]);
  expect(created.results).toMatchObject([
    {
      outcome: "failed",
      failure: { finding: { code: "ASP6046", message: "`orders` was started and is FAILED: Worker out of memory" } },
      notes: [more, expect.stringContaining("it stays")],
    },
  ]);
});

describe("a processor that reads nothing, though it is STARTED", () => {
  const unread = expect.stringContaining("its source has events for it and it has read none");

  /** A processor that has read an event is changed; `meanwhile` is done then, and its figures stay as they were. */
  const edit = async (meanwhile: (source: string) => Promise<unknown>, uri: string | undefined) => {
    const emulator = await openEmulator(mongod);
    const target = await openTarget("admin-api, service account", emulator);
    const source = freshName();
    const events = mongod.client.db(mongod.db).collection(source);
    await deployAll(target, [from(source, "orders")]);
    const session = mongod.client.startSession();
    await events.insertOne({ type: "Paid", n: 1 }, { session });
    const written = session.operationTime ?? Timestamp.MAX_VALUE;
    await session.endSession();
    const hasRead = async (): Promise<boolean> => {
      const { inputMessageCount, changeStreamTime } = (await target.stats("orders")) ?? {};
      return inputMessageCount === 1 && changeStreamTime?.greaterThanOrEqual(written) === true;
    };
    await expect.poll(hasRead).toBe(true);
    const frozen = await target.stats("orders");
    await meanwhile(source);
    const stuck: typeof target = { ...target, stats: () => Promise.resolve(frozen) };
    const environment = environmentOf();
    const connections = { Cluster0: { type: "Cluster", ...(uri !== undefined && { uri }) } } as const;
    const changed = from(source, "orders", { $match: { type: "Shipped" } });
    const { results } = await deployAll(stuck, [changed], { environment: { ...environment, connections } });
    expect(results).toMatchObject([{ outcome: "done", input: 0, step: { kind: "edit" } }]);
    return results[0]?.notes;
  };
  const insert = (coll: string): Promise<unknown> =>
    mongod.client.db(mongod.db).collection(coll).insertOne({ type: "Paid", n: 2 });

  test("is told where its source has events", async () => {
    expect(await edit(insert, mongod.uri)).toEqual([unread]);
  });

  test("is as it should be where its source has none", async () => {
    expect(await edit(() => insert(freshName()), mongod.uri)).toEqual([]);
  });

  test("is told where the workspace shows that its topics have messages", async () => {
    const emulator = await openEmulator(mongod);
    const target = await openTarget("admin-api, service account", emulator);
    const behind: typeof target = {
      ...target,
      stats: async (name) => {
        const shown = await target.stats(name);
        return shown && { ...shown, kafkaLagMessages: 3 };
      },
    };
    const { results } = await deployAll(behind, [from(freshName(), "orders")]);
    expect(results).toMatchObject([{ outcome: "done", input: 0, notes: [unread] }]);
  });

  test("is not spoken of where the source cannot be asked", async () => {
    expect(await edit(insert, undefined)).toEqual([]);
  });
});

test("one that was FAILED and is shown so for a moment is given time", async () => {
  const emulator = await openEmulator(mongod);
  const target = await openTarget("admin-api, service account", emulator);
  const definition = from(freshName(), "orders");
  await target.create(definition);
  const stale = { operation: "getGroupStreamProcessor", state: "FAILED" } as const;
  await arm(emulator, [{ operation: "getGroupStreamProcessors", state: "FAILED", times: 2 }]);
  const file = await makeFile(target, [definition]);
  expect(file.steps).toMatchObject([{ kind: "start", state: "FAILED" }]);
  // The reads before the start, and one after it.
  await arm(emulator, [
    { operation: "getGroupStreamProcessors", state: "FAILED" },
    { ...stale, times: 3 },
  ]);
  expect(outcomesOf(await applyFile(target, file))).toEqual([["start", "orders", "done"]]);
});

test("what cannot be put back is told, with what failed first, and deployed again all is as it was", async () => {
  const emulator = await openEmulator(mongod);
  const target = await openTarget("admin-api, service account", emulator);
  const source = freshName();
  const before = from(source, "orders");
  await deployAll(target, [before]);
  const refuse = (operation: string, detail: string) =>
    ({ operation, status: 400, errorCode: "STREAM_PROCESSOR_GENERIC_ERROR", detail, always: true }) as const;
  await arm(emulator, [
    refuse("updateGroupStreamProcessor", "not this"),
    refuse("startGroupStreamProcessorWith", "nor that"),
  ]);
  const deployed = await deployAll(target, [from(source, "orders", { $match: { n: 1 } })]);
  expect(deployed.results).toMatchObject([
    {
      outcome: "failed",
      failure: { finding: { code: "ASP6050", message: expect.stringMatching(/is STOPPED: .*nor that/) } },
      notes: [expect.stringContaining("not this")],
    },
  ]);
  await arm(emulator, []);
  expect(outcomesOf(await deployAll(target, [before]))).toEqual([["start", "orders", "done"]]);
  expect(await statesIn(target)).toEqual([["orders", "STARTED"]]);
});

test("a second Ctrl-C leaves at once, says so, and run again it goes on", async () => {
  const emulator = await openEmulator(mongod);
  const [stopping, forced] = [new AbortController(), new AbortController()];
  const { adminApi: baseUrl, projectId, workspace, clientId, clientSecret, caFile = "" } = emulator;
  const options = { baseUrl, projectId, workspace, signal: forced.signal, ca: [await readFile(caFile, "utf8")] };
  await using target = createAdminApiTarget({ ...options, auth: { type: "service-account", clientId, clientSecret } });
  const definitions = [from(freshName(), "orders")];
  const tell = (line: string): void => {
    if (line !== "orders: starting") return;
    stopping.abort();
    forced.abort(new Error("again"));
  };
  const signals = { stopping: stopping.signal, forced: forced.signal };
  const deployed = await deployAll(target, definitions, {}, { ...signals, tell });
  expect(deployed).toMatchObject({
    outcome: "interrupted",
    results: [{ outcome: "failed", failure: { finding: { code: "ASP6052" } } }],
  });
  const later = await openTarget("admin-api, service account", emulator);
  expect((await deployAll(later, definitions)).outcome).toBe("done");
  expect(await statesIn(later)).toEqual([["orders", "STARTED"]]);
});
