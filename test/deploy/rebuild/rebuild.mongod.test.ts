import { setTimeout as sleep } from "node:timers/promises";
import { once } from "node:events";
import type { Document } from "bson";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RebuildParts } from "../../../src/deploy/rebuild/rebuild.ts";
import { AspError } from "../../../src/diagnostics/asp-error.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { fold, openShop, type RebuildRun } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

class Interrupted extends Error {}

/** True where the text of a step begins so. The new version has a name that begins as the live one's. */
function isStep(step: string, text: string): boolean {
  return `${step} `.startsWith(text.startsWith("st") ? `${text} ` : text);
}

/** Throws before the first step whose text begins so. */
function interruptAt(text: string): (step: string) => void {
  let isOver = false;
  return (step) => {
    if (isOver || !isStep(step, text)) return;
    isOver = true;
    throw new Interrupted(step);
  };
}

describe("a rebuild while events are written", () => {
  test.each(["staging", "wired"])("loses and doubles nothing, by %s", async (environment) => {
    const shop = await openShop(mongod);
    await shop.deploy("first");
    await shop.write(500);
    const stop = shop.keepWriting();
    await shop.define("second");
    const { result, findings } = await shop.rebuild({ environment });
    expect(findings).toEqual([]);
    expect(result).toMatchObject({ outcome: "swapped", isLiveRunning: true, events: { skipped: 0 } });
    expect(result?.comparison?.different).toBeGreaterThan(0);
    await stop();
    expect(await shop.orders()).toEqual(fold(shop.events, "second"));
    expect(await shop.processors()).toEqual({ orders: "STARTED", orders__v1: "STOPPED" });
    expect(await shop.collections()).toEqual(["orders", "orders__v1"]);
    const indexes = await mongod.client.db(shop.db).collection("orders").indexes();
    expect(indexes.map(({ key }) => key)).toEqual([{ _id: 1 }, { status: 1 }]);
  });

  test.each([
    "making",
    "counting",
    "filling slice 1",
    "filling slice 3",
    "starting orders__v2",
    "catching up",
    "comparing",
    "stopping orders",
    "stopping orders__v2",
    "renaming t_",
    "renaming the processor orders to",
    "renaming the processor orders__v2 to",
    "starting orders",
  ])("goes on where it was interrupted: before %s", async (step) => {
    const shop = await openShop(mongod);
    await shop.deploy("first");
    await shop.write(400);
    const stop = shop.keepWriting();
    await shop.define("second");
    await expect(shop.rebuild({ on: { step: interruptAt(step) } })).rejects.toThrow(Interrupted);
    const { result, findings } = await shop.rebuild();
    expect(findings).toEqual([]);
    expect(result?.outcome).toBe("swapped");
    await stop();
    expect(await shop.orders()).toEqual(fold(shop.events, "second"));
    expect(await shop.processors()).toEqual({ orders: "STARTED", orders__v1: "STOPPED" });
    expect(await shop.collections()).toEqual(["orders", "orders__v1"]);
  });

  test("goes on where a kill left no live collection, between the two renames", async () => {
    const shop = await openShop(mongod);
    await shop.deploy("first");
    await shop.write(200);
    const stop = shop.keepWriting();
    await shop.define("second");
    await expect(shop.rebuild({ on: { step: interruptAt("renaming t_") } })).rejects.toThrow(Interrupted);
    await mongod.client.db(shop.db).renameCollection("orders", "orders__v1");
    expect((await shop.rebuild()).result?.outcome).toBe("swapped");
    await stop();
    expect(await shop.orders()).toEqual(fold(shop.events, "second"));
  });

  test("rolls back to the version before, which has missed nothing; and swaps again", async () => {
    const shop = await openShop(mongod);
    await shop.deploy("first");
    await shop.write(200);
    const stop = shop.keepWriting();
    await shop.define("second");
    await shop.rebuild();
    expect((await shop.rebuild({ goal: "roll-back" })).result).toEqual({ outcome: "rolled-back", wasDone: false });
    expect(await shop.processors()).toEqual({ orders: "STARTED", orders__v2: "STOPPED" });
    expect(await shop.collections()).toEqual(["orders", "orders__v2"]);
    await shop.write(50);
    expect((await shop.rebuild({ goal: "swap" })).result?.outcome).toBe("swapped");
    for (const step of [
      "stopping orders",
      "renaming t_",
      "renaming the processor orders to",
      "renaming the processor orders__v1",
      "starting orders",
    ]) {
      await expect(shop.rebuild({ goal: "roll-back", on: { step: interruptAt(step) } })).rejects.toThrow(Interrupted);
    }
    expect((await shop.rebuild()).findings).toMatchObject([{ code: "ASP6117" }]);
    expect((await shop.rebuild({ goal: "roll-back" })).result).toEqual({ outcome: "rolled-back", wasDone: false });
    await stop();
    expect(await shop.orders()).toEqual(fold(shop.events, "first"));
    expect((await shop.rebuild({ goal: "abort" })).result).toEqual({ outcome: "aborted", wasDone: false });
    expect(await shop.processors()).toEqual({ orders: "STARTED" });
    expect(await shop.collections()).toEqual(["orders"]);
  });
});

describe("a rebuild", () => {
  test("of events on another cluster than the read model carries them over", async () => {
    const shop = await openShop(mongod);
    await shop.deploy("first");
    await shop.write(400);
    const stop = shop.keepWriting();
    await shop.define("second");
    const { result } = await shop.rebuild({ change: (parts) => ({ ...parts, isOneCluster: false }) });
    await stop();
    expect(result?.outcome).toBe("swapped");
    expect(await shop.orders()).toEqual(fold(shop.events, "second"));
  });

  test("with many streams in one read model and `streams` loses and doubles nothing", async () => {
    const shop = await openShop(mongod);
    const byType = (text: string) =>
      text
        .replace("initial: {", 'key: () => "all", guard: "streams", initial: {')
        .replace("Removed: () => remove(),", "");
    await shop.define("second", byType);
    await shop.write(400);
    const stop = shop.keepWriting();
    expect((await shop.rebuild()).result?.outcome).toBe("swapped");
    await stop();
    const added = shop.events.filter(({ type }) => type === "Added");
    const total = added.reduce((sum, { data }) => sum + (data.price ?? 0), 0);
    expect(await shop.orders()).toMatchObject([{ _id: "all", total, items: added.length }]);
  });

  test("of a projection that never ran builds it from what is stored", async () => {
    const shop = await openShop(mongod);
    await shop.write(300);
    await shop.define("second");
    const { result } = await shop.rebuild();
    expect(result).toEqual({ outcome: "swapped", wasDone: false, events: { read: 300, skipped: 0 } });
    await shop.write(20);
    expect(await shop.orders()).toEqual(fold(shop.events, "second"));
    expect(await shop.processors()).toEqual({ orders: "STARTED" });
    expect((await shop.rebuild({ goal: "roll-back" })).findings).toMatchObject([{ code: "ASP6117" }]);
    expect((await shop.rebuild({ goal: "drop-old" })).result).toEqual({ outcome: "old-dropped", wasDone: false });
  });

  test("tells how many of the events are read, and how long the others will take", async () => {
    const shop = await openShop(mongod);
    await shop.write(350);
    await shop.define("second");
    const told: { readonly events: number; readonly of: number; readonly left: number | undefined }[] = [];
    await shop.rebuild({
      on: {
        filled: (progress) => void told.push(progress),
        // Slices that take a while: the rest takes as long as what is done, event by event.
        step: (what) => (what.startsWith("filling") ? sleep(400) : undefined),
      },
    });
    expect(told.length).toBeGreaterThan(2);
    expect(told.at(-1)).toEqual({ events: 350, of: 350, left: 0 });
    let before = 0;
    for (const [at, { events, of, left }] of told.entries()) {
      expect(events).toBeGreaterThan(before);
      expect(of).toBe(350);
      before = events;
      // Whole seconds, by what the slices so far have taken at least.
      const least = Math.floor((0.4 * (at + 1) * (of - events)) / events);
      expect(left).toBeGreaterThanOrEqual(least);
      expect(Number.isInteger(left)).toBe(true);
    }
  });

  test("of what has not changed finds no difference", async () => {
    const shop = await openShop(mongod);
    await shop.deploy("first");
    await shop.write(300);
    const stop = shop.keepWriting();
    const { result } = await shop.rebuild({ maySwap: false });
    await stop();
    expect(result).toMatchObject({ outcome: "built", comparison: { different: 0, differences: [], isWhole: true } });
    expect(result?.comparison?.compared).toBeGreaterThan(30);
    expect(await shop.processors()).toEqual({ orders: "STARTED", orders__v2: "STARTED" });
  });

  test("shows what differs, field by field, and leaves the live version alone until it may swap", async () => {
    const shop = await openShop(mongod);
    await shop.deploy("first");
    await shop.write(5);
    await shop.define("second");
    const orders = mongod.client.db(shop.db).collection<Document>("orders");
    await shop.orders();
    await orders.insertOne({ _id: "stray" as never, status: "?" });
    await orders.updateOne({ _id: "order-17" as never }, { $set: { total: 99 } });
    await orders.deleteOne({ _id: "order-34" as never });
    const { result } = await shop.rebuild({ maySwap: false });
    const { comparison } = result ?? {};
    expect(comparison).toMatchObject({ live: 5, next: 5, compared: 6, different: 6, unsettled: 0 });
    expect(comparison?.differences).toContainEqual({ _id: '"stray"', kind: "missing", fields: [] });
    expect(comparison?.differences).toContainEqual({ _id: '"order-34"', kind: "extra", fields: [] });
    expect(comparison?.differences).toContainEqual({
      _id: '"order-17"',
      kind: "different",
      fields: [
        { field: "total", before: "99", after: "0" },
        { field: "items", after: "0" },
      ],
    });
    expect((await shop.rebuild({ goal: "abort" })).result).toEqual({ outcome: "aborted", wasDone: false });
    expect(await orders.countDocuments()).toBe(5);
    expect(await shop.collections()).toEqual(["orders"]);
  });

  test("leaves out events that cannot be applied, and says which", async () => {
    const shop = await openShop(mongod);
    await shop.deploy("first");
    await shop.write(250);
    const events = mongod.client.db(shop.db).collection<Document>("events");
    await events.insertOne({
      _id: "bad" as never,
      streamId: "order-17",
      version: "five",
      type: "Added",
      data: { price: 1 },
    });
    const handled = shop.events.filter(({ type }) => type !== "Paid").length;
    const skipped: unknown[] = [];
    const { result } = await shop.rebuild({ on: { skipped: (all) => void skipped.push(...all) } });
    expect(result).toMatchObject({ outcome: "swapped", events: { read: handled + 1, skipped: 1 } });
    expect(skipped).toEqual([
      { _id: "bad", reason: expect.stringContaining("the version of the event must be a number") },
    ]);
    expect(await shop.orders()).toEqual(fold(shop.events, "first"));
  });

  test("swaps only while nobody deploys, where that is recorded, and what it made is the project's", async () => {
    const shop = await openShop(mongod);
    await shop.write(20);
    await shop.define("first");
    const client = mongod.client.db(shop.db);
    await client.collection<Document>("asp_deployed_locks").insertOne({
      _id: "local" as never,
      holder: "h",
      owner: "o",
      host: "h",
      by: "b",
      since: new Date(),
      beat: new Date(),
    });
    const beating = setInterval(() => {
      void client.collection("asp_deployed_locks").updateOne({}, { $set: { beat: new Date() } });
    }, 100);
    try {
      await expect(shop.rebuild({ environment: "recorded" })).rejects.toMatchObject({ code: "ASP6044" });
    } finally {
      clearInterval(beating);
    }
    expect(await shop.processors()).toEqual({ orders__v2: "STARTED" });
    await client.collection("asp_deployed_locks").deleteMany({});
    expect((await shop.rebuild({ environment: "recorded" })).result?.outcome).toBe("swapped");
    expect(await client.collection("asp_deployed").find().toArray()).toEqual([
      { _id: { workspace: "local", processor: "orders" }, owner: "asp" },
    ]);
    expect(await client.collection("asp_deployed_locks").countDocuments()).toBe(0);
    expect(await shop.orders()).toEqual(fold(shop.events, "first"));
  });

  describe("whose lock is lost", () => {
    /** Has the record forget the lock before a step, as where nothing could be written there for too long. */
    const losingAt = (db: string, at: string): RebuildRun => {
      let lock: AbortSignal | undefined;
      return {
        environment: "recorded",
        onLock: (lost) => void (lock = lost),
        on: {
          step: async (step) => {
            if (!isStep(step, at)) return;
            await mongod.client.db(db).collection("asp_deployed_locks").deleteMany({});
            if (lock?.aborted === false) await once(lock, "abort");
          },
        },
      };
    };

    test.each(["stopping orders", "stopping orders__v2"])("before %s leaves the live version running", async (step) => {
      const shop = await openShop(mongod);
      await shop.deploy("first");
      await shop.write(60);
      await shop.define("second");
      await expect(shop.rebuild(losingAt(shop.db, step))).rejects.toMatchObject({ code: "ASP6054" });
      expect(await shop.processors()).toMatchObject({ orders: "STARTED" });
      expect(await shop.collections()).toEqual(["orders", "orders__v2"]);
      await shop.write(20);
      expect((await shop.rebuild({ environment: "recorded" })).result?.outcome).toBe("swapped");
      expect(await shop.orders()).toEqual(fold(shop.events, "second"));

      const back: RebuildRun = { ...losingAt(shop.db, "stopping orders"), goal: "roll-back" };
      await expect(shop.rebuild(back)).rejects.toMatchObject({ code: "ASP6054" });
      expect(await shop.processors()).toEqual({ orders: "STARTED", orders__v1: "STOPPED" });
      await shop.rebuild({ environment: "recorded", goal: "roll-back" });
      expect(await shop.orders()).toEqual(fold(shop.events, "first"));
    });

    test.each(["renaming t_", "renaming the processor orders to orders__v1", "starting orders"])(
      "before %s ends when both have changed places",
      async (step) => {
        const shop = await openShop(mongod);
        await shop.deploy("first");
        await shop.write(60);
        await shop.define("second");
        await expect(shop.rebuild(losingAt(shop.db, step))).rejects.toMatchObject({ code: "ASP6054" });
        expect(await shop.processors()).toEqual({ orders: "STARTED", orders__v1: "STOPPED" });
        expect(await shop.collections()).toEqual(["orders", "orders__v1"]);
        await shop.write(20);
        expect(await shop.orders()).toEqual(fold(shop.events, "second"));
      },
    );
  });

  test("that cannot swap leaves the live version running", async () => {
    const shop = await openShop(mongod);
    await shop.deploy("first");
    await shop.write(60);
    await shop.define("second");
    const refusing = (parts: RebuildParts): RebuildParts => ({
      ...parts,
      target: {
        ...parts.target,
        stop: (name) =>
          name === "orders__v2"
            ? Promise.reject(new AspError("ASP6006", "the service refuses: not now"))
            : parts.target.stop(name),
      },
    });
    await expect(shop.rebuild({ change: refusing })).rejects.toThrow("not now");
    expect(await shop.processors()).toEqual({ orders: "STARTED", orders__v2: "STARTED" });
    expect(await shop.collections()).toEqual(["orders", "orders__v2"]);
    await shop.write(20);
    expect(await shop.orders()).toEqual(fold(shop.events, "first"));
    expect((await shop.rebuild({ goal: "swap" })).result?.outcome).toBe("swapped");
    expect(await shop.orders()).toEqual(fold(shop.events, "second"));
  });

  test("is one at a time", async () => {
    const shop = await openShop(mongod);
    await shop.deploy("first");
    await shop.write(20);
    const second: unknown[] = [];
    const { result } = await shop.rebuild({
      on: {
        step: async (step) => {
          if (step === "comparing") second.push(await shop.rebuild().catch((error: unknown) => error));
        },
      },
    });
    expect(second).toMatchObject([{ name: "AspError", code: "ASP6120" }]);
    expect(result?.outcome).toBe("swapped");
  });
});
