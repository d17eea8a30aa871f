import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Interruption } from "../../src/cli/context.ts";
import type { PlanReport } from "../../src/cli/render/plan-report-schema.ts";
import { rebuildReportSchema, type RebuildReport } from "../../src/cli/render/rebuild-report-schema.ts";
import { fold, openShop, type Shop } from "../deploy/rebuild/support.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { addFiles, runCli, type CliOptions, type CliResult } from "./run-cli.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const isReport = new Ajv({ allErrors: true, strict: false }).compile<RebuildReport>(rebuildReportSchema);

const aspOf =
  ({ cwd, env }: Shop, options: CliOptions = {}) =>
  (...argv: readonly string[]): Promise<CliResult> =>
    runCli(argv, { cwd, env, ...options });

function reportOf({ stdout, stderr, code }: CliResult): RebuildReport {
  const report: unknown = JSON.parse(stdout);
  if (!isReport(report)) throw new Error(`${code} ${stderr} ${JSON.stringify(isReport.errors)} ${stdout}`);
  return report;
}

describe("asp rebuild", () => {
  test("builds, compares, and stops where nobody can be asked; then swaps, rolls back, and lets go", async () => {
    const shop = await openShop(mongod);
    const asp = aspOf(shop);
    const { db } = shop;
    await shop.deploy("first");
    await shop.write(300);
    await shop.define("second");

    const built = await asp("rebuild", "orders", "-e", "staging");
    expect(built.code).toBe(0);
    expect(built.stdout).toContain("300 stored events read, 0 left out\n");
    expect(built.stdout).toMatch(
      /live: \d+ read models; new: \d+ read models\ncompared all \d+ read models: \d+ differ\n/,
    );
    expect(built.stdout).toMatch(/ {2}~ "order-\d+"\n(.*\n)? {6}items: \(absent\) → \d+\n/);
    expect(built.stdout).toContain(`${db}.orders__v2 is built, and orders__v2 keeps it up to date`);
    expect(built.stdout).toContain("asp rebuild orders -e staging --swap");
    expect(built.stderr).toContain(`making ${db}.orders__v2\n`);
    expect(built.stderr).toContain("300 of 300 events\n");
    expect(built.stderr).toContain("catching up\n");

    const swapped = await asp("rebuild", "orders", "-e", "staging", "--swap");
    expect(swapped.stdout).toContain(`${db}.orders is the new version; the one before is kept as ${db}.orders__v1`);
    const again = await asp("rebuild", "orders", "-e", "staging", "--swap");
    expect(again).toMatchObject({
      code: 0,
      stdout: `There is nothing to swap: that was done before\n${swapped.stdout.replace(/^.* stored events read.*\n/u, "")}`,
    });
    const { stdout: plan } = await asp("plan", "-e", "staging");
    expect(plan).toContain("No changes: 1 unchanged");
    const { stderr: kept } = await asp("destroy", "-e", "staging");
    expect(kept).toContain(
      "orders__v1 is of a rebuild, and stays: `asp rebuild orders -e staging --drop-old` takes it away",
    );
    expect(await asp("rebuild", "orders", "-e", "staging")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("error[ASP6115]"),
    });

    const back = await asp("rebuild", "orders", "-e", "staging", "--rollback");
    expect(back.stdout).toContain("is the version from before the rebuild");
    expect(await asp("rebuild", "orders", "-e", "staging", "--rollback")).toMatchObject({
      code: 0,
      stdout: `There is nothing to roll back: that was done before\n${back.stdout}`,
    });
    expect(await shop.orders()).toEqual(fold(shop.events, "first"));
    await asp("rebuild", "orders", "-e", "staging", "--swap");
    expect((await asp("rebuild", "orders", "-e", "staging", "--drop-old")).code).toBe(64);
    expect(await shop.collections()).toEqual(["orders", "orders__v1"]);
    const dropped = await asp("rebuild", "orders", "-e", "staging", "--drop-old", "--yes");
    expect(dropped.stdout).toContain("are gone");
    expect(await shop.collections()).toEqual(["orders"]);
    expect(await shop.processors()).toEqual({ orders: "STARTED" });
    expect(await shop.orders()).toEqual(fold(shop.events, "second"));
  });

  test("--json has its schema, for each outcome", async () => {
    const shop = await openShop(mongod);
    const asp = aspOf(shop);
    await shop.deploy("first");
    await shop.write(100);
    await shop.define("second");
    const rebuild = async (...argv: readonly string[]) =>
      reportOf(await asp("rebuild", "orders", "-e", "wired", "--json", ...argv));
    expect(await rebuild()).toMatchObject({ outcome: "built", events: { read: 100, skipped: 0 } });
    expect(await rebuild("--abort", "--yes")).toMatchObject({ outcome: "aborted" });
    const { outcome, comparison, collection } = await rebuild("--yes");
    expect({ outcome, collection }).toEqual({ outcome: "swapped", collection: `${shop.db}.orders` });
    expect(comparison).toMatchObject({ isWhole: true, isLiveRunning: true, unsettled: 0 });
    expect(await rebuild("--rollback")).toMatchObject({ outcome: "rolled-back", wasDone: false });
    expect(await rebuild("--rollback")).toMatchObject({ outcome: "rolled-back", wasDone: true });
    expect(await rebuild("--swap")).toMatchObject({ outcome: "swapped", wasDone: false });
    expect(await rebuild("--swap")).toMatchObject({ outcome: "swapped", wasDone: true });
    // Another version than the one that was swapped.
    await shop.define("first");
    expect(await asp("rebuild", "orders", "-e", "wired", "--swap")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("error[ASP6115]"),
    });
    await shop.define("second");
    expect(await rebuild("--drop-old", "--yes")).toMatchObject({ outcome: "old-dropped" });
  });

  test("asks on a terminal, with the comparison before it", async () => {
    const shop = await openShop(mongod);
    await shop.deploy("first");
    await shop.write(40);
    await shop.define("second");
    const questions: string[] = [];
    const answering = (answer: string) =>
      aspOf(shop, {
        ask: (question) => {
          questions.push(question);
          return Promise.resolve(answer);
        },
      });
    const no = await answering("")("rebuild", "orders", "-e", "staging");
    expect(no.stderr).toMatch(/compared all \d+ read models: \d+ differ/);
    expect(no.stdout).toContain("is built");
    expect((await answering("y")("rebuild", "orders", "-e", "staging", "--no-swap")).stdout).toContain("is built");
    expect(questions).toEqual(["Put the new version of orders in place? [y/N] "]);
    expect((await answering("y")("rebuild", "orders", "-e", "staging")).stdout).toContain("is the new version");
    const declined = { code: 1, stdout: "Nothing was changed\n" };
    expect(await answering("n")("rebuild", "orders", "-e", "staging", "--drop-old")).toMatchObject(declined);
    expect(await shop.collections()).toEqual(["orders", "orders__v1"]);
    expect((await aspOf(shop)("rebuild", "orders", "-e", "staging", "--rollback")).code).toBe(0);
    expect((await aspOf(shop)("rebuild", "orders", "-e", "staging", "--abort")).code).toBe(64);
    expect(await answering("n")("rebuild", "orders", "-e", "staging", "--abort")).toMatchObject(declined);
    const json = await answering("n")("rebuild", "orders", "-e", "staging", "--abort", "--json");
    expect(reportOf(json).outcome).toBe("declined");
    expect(await shop.collections()).toEqual(["orders", "orders__v2"]);
    const aborted = await answering("y")("rebuild", "orders", "-e", "staging", "--abort");
    expect(aborted.code).toBe(0);
    expect(questions.slice(-2)).toEqual(Array(2).fill("Drop orders__v2 and what was built? [y/N] "));
    expect(await shop.collections()).toEqual(["orders"]);
  });

  test("Ctrl-C in the middle of a swap lets it come to its end: nobody is left without a read model", async () => {
    const shop = await openShop(mongod);
    await shop.deploy("first");
    await shop.write(100);
    await shop.define("second");
    expect((await aspOf(shop)("rebuild", "orders", "-e", "staging")).code).toBe(0);
    const ctrlC = new AbortController();
    const swapping = aspOf(shop, { signal: ctrlC.signal })("rebuild", "orders", "-e", "staging", "--swap");
    const stateOf = async () => (await shop.target.processor("orders"))?.state;
    await expect.poll(stateOf, { interval: 5, timeout: 20_000 }).not.toBe("STARTED");
    ctrlC.abort(new Interruption("SIGINT"));
    const swapped = await swapping;
    expect(swapped.stderr).toContain("stopping: what is under way is finished; again to leave at once\n");
    expect(swapped.stdout).toContain(`${shop.db}.orders is the new version`);
    expect(swapped.code).toBe(130);
    expect(await shop.processors()).toEqual({ orders: "STARTED", orders__v1: "STOPPED" });
    expect(await shop.orders()).toEqual(fold(shop.events, "second"));
  });

  test("an event that cannot be applied is told with its reason", async () => {
    const shop = await openShop(mongod);
    await shop.write(10);
    await shop.define("second");
    await mongod.client.db(shop.db).command({
      insert: "events",
      documents: [{ _id: "bad", streamId: "order-0", version: null, type: "Added", data: { price: 1 } }],
    });
    const { code, stderr } = await aspOf(shop)("rebuild", "orders", "-e", "staging", "--yes");
    expect(code).toBe(0);
    expect(stderr).toContain("warning[ASP6118]: 1 stored event could not be applied");
    expect(stderr).toMatch(/"bad": .*the version of the event must be a number, and is null/);
  });
});

describe("a rebuild that was killed while two versions changed places", () => {
  /** The swap or rollback is killed when the collections are renamed and the processors are not, or but one of them. */
  const killed = async (shop: Shop, goal: "build" | "roll-back", before = "renaming the processor"): Promise<void> => {
    const step = (what: string): void => {
      if (what.startsWith(before)) throw new Error("killed");
    };
    await expect(shop.rebuild({ goal, on: { step } })).rejects.toThrow("killed");
  };

  test("is finished before anything is deployed, so that no version lacks events", async () => {
    const shop = await openShop(mongod);
    const asp = aspOf(shop);
    await shop.deploy("first");
    await shop.write(60);
    await shop.define("second");
    await killed(shop, "build");
    const stopped = { orders: "STOPPED", orders__v2: "STOPPED" };
    for (const argv of [["plan"], ["deploy", "--yes"], ["deploy", "--yes", "--only", "orders"]]) {
      const { code, stderr } = await asp(...argv, "-e", "staging");
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("error[ASP6031]") });
      expect(stderr).toContain("run `asp rebuild orders -e staging` to finish it");
    }
    expect(await shop.processors()).toEqual(stopped);
    await shop.write(20);
    expect((await asp("rebuild", "orders", "-e", "staging")).code).toBe(0);
    expect((await asp("deploy", "-e", "staging", "--yes")).stdout).toContain("No changes: 1 unchanged");
    await shop.write(20);
    expect(await shop.orders()).toEqual(fold(shop.events, "second"));

    await killed(shop, "roll-back");
    const { code, stderr } = await asp("deploy", "-e", "staging", "--yes");
    expect(code).toBe(1);
    expect(stderr).toContain("run `asp rebuild orders -e staging --rollback` to finish it");
    expect((await asp("rebuild", "orders", "-e", "staging", "--rollback")).code).toBe(0);
    expect(await shop.orders()).toEqual(fold(shop.events, "first"));
  });

  test("is finished before either is started or taken away, or a plan that was kept is done", async () => {
    const shop = await openShop(mongod);
    const asp = aspOf(shop);
    await shop.deploy("first");
    await shop.write(20);
    await shop.define("second");
    expect((await asp("plan", "-e", "staging", "--out", "kept.plan")).code).toBe(0);
    await killed(shop, "build");
    const stopped = { orders: "STOPPED", orders__v2: "STOPPED" };
    for (const argv of [
      ["start", "orders", "-e", "staging"],
      ["start", "orders__v2", "-e", "staging"],
      ["deploy", "kept.plan", "--yes"],
      ["destroy", "-e", "staging", "--yes"],
    ]) {
      const { code, stderr } = await asp(...argv);
      expect({ argv, code, stderr }).toEqual({ argv, code: 1, stderr: expect.stringContaining("error[ASP6031]") });
      expect(stderr).toContain("run `asp rebuild orders -e staging` to finish it");
    }
    expect(await shop.processors()).toEqual(stopped);
    expect((await asp("rebuild", "orders", "-e", "staging")).code).toBe(0);
    await asp("stop", "orders", "-e", "staging");
    expect((await asp("start", "orders", "-e", "staging")).code).toBe(0);
    expect(await shop.orders()).toEqual(fold(shop.events, "second"));
    expect((await asp("destroy", "-e", "staging", "--yes")).code).toBe(0);
  });

  test("is seen between the two names, too, and where its record is out of reach", async () => {
    const shop = await openShop(mongod);
    await shop.deploy("first");
    await shop.write(20);
    await shop.define("second");
    await killed(shop, "build", "renaming the processor orders__v2");
    const between = { orders__v1: "STOPPED", orders__v2: "STOPPED" };
    expect(await shop.processors()).toEqual(between);
    for (const one of [shop, { ...shop, env: { ...shop.env, CLUSTER: "elsewhere" } }]) {
      for (const argv of [
        ["start", "orders__v2"],
        ["start", "orders__v1"],
      ]) {
        const { code, stderr } = await aspOf(one)(...argv, "-e", "staging");
        expect({ argv, code, stderr }).toEqual({ argv, code: 1, stderr: expect.stringContaining("error[ASP6031]") });
      }
    }
    const { code, stderr } = await aspOf(shop)("destroy", "-e", "staging", "--yes");
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("error[ASP6031]") });
    expect(await shop.processors()).toEqual(between);
    expect((await aspOf(shop)("rebuild", "orders", "-e", "staging")).code).toBe(0);
    expect(await shop.orders()).toEqual(fold(shop.events, "second"));
  });

  test("is no obstacle to a preview beside it, nor to a plan where its record is out of reach", async () => {
    const shop = await openShop(mongod);
    const asp = aspOf(shop);
    await shop.deploy("first");
    await shop.write(10);
    await killed(shop, "build");
    expect((await asp("plan", "-e", "staging", "--suffix", "pr-1")).code).toBe(0);
    const closed = { ...shop, env: { ...shop.env, CLUSTER: "elsewhere" } };
    const { code, stderr } = await aspOf(closed)("plan", "-e", "staging");
    expect(stderr).toContain("how far the rebuild of orders has come cannot be read: the `uri` of the connection");
    expect(code).toBe(0);
  });
});

test("asp plan says what a change of handlers leaves as it was, and the way to have it made anew", async () => {
  const shop = await openShop(mongod);
  const asp = aspOf(shop);
  await shop.deploy("first");
  await shop.define("first", (text) => text.replace("data.price]", "data.price, 1]"));
  const line = `${shop.db}.orders keeps what earlier events made of it: \`asp rebuild orders -e staging\` makes it anew`;
  const { stdout } = await asp("plan", "-e", "staging");
  expect(stdout).toContain(`  ~ orders is changed: keeps its checkpoint\n`);
  expect(stdout).toContain(`      ${line}\n`);
  const markdown = await asp("plan", "-e", "staging", "--format", "markdown");
  expect(markdown.stdout).toContain(`| kept; ${line} |`);
  const { steps } = JSON.parse((await asp("plan", "-e", "staging", "--json")).stdout) as PlanReport;
  expect(steps.flatMap(({ verdict }) => verdict?.outdated ?? [])).toEqual([`${shop.db}.orders`]);
  // What a preview would make is not there yet.
  const preview = await asp("plan", "-e", "staging", "--suffix", "pr-1");
  expect(preview.stdout).not.toContain("asp rebuild");
});

describe("asp rebuild refuses", () => {
  const refusal = async (shop: Shop, ...argv: readonly string[]): Promise<string> => {
    const { code, stderr } = await aspOf(shop)("rebuild", "orders", "-e", "staging", ...argv);
    return `${code} ${/(?:error|warning|info)\[(ASP\d+)\]/u.exec(stderr)?.[1] ?? stderr}`;
  };

  test("what is no projection, and what knows events by their place in the stream", async () => {
    const shop = await openShop(mongod);
    const plain = `import { defineProcessor } from "asp-toolkit";
export default defineProcessor({
  name: "orders",
  pipeline: [
    { $source: { connectionName: "events", db: "DB", coll: "events", config: { fullDocumentOnly: true } } },
    { $merge: { into: { connectionName: "domain", db: "DB", coll: "orders" } } },
  ],
});
`;
    await shop.define("first", () => plain.replaceAll("DB", shop.db));
    expect(await refusal(shop)).toBe("1 ASP6110");
    await shop.define("first", (text) => text.replace("initial:", "key: ({ data }) => data.customer, initial:"));
    const { stderr } = await aspOf(shop)("rebuild", "orders", "-e", "staging");
    expect(stderr).toContain("error[ASP6111]");
    expect(stderr).toContain('guard: "streams"');
  });

  test("a collection that others write, and tells who reads its change stream", async () => {
    const shop = await openShop(mongod);
    await shop.deploy("first");
    const at = (coll: string) => ({ connectionName: "Cluster0", db: shop.db, coll });
    const copy = (from: string, to: string) => [{ $source: at(from) }, { $merge: { into: at(to) } }];
    await shop.target.create({ name: "reader", pipeline: copy("orders", "copies") });
    const { code, stderr } = await aspOf(shop)("rebuild", "orders", "-e", "staging", "--no-swap");
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining("warning[ASP6113]: `reader` reads") });
    await shop.target.create({ name: "writer", pipeline: copy("others", "orders") });
    expect(await refusal(shop)).toBe("1 ASP6112");
    // What was built can still be given up.
    expect((await aspOf(shop)("rebuild", "orders", "-e", "staging", "--abort", "--yes")).code).toBe(0);
  });

  test("names that are taken, and a processor that writes elsewhere", async () => {
    const shop = await openShop(mongod);
    await shop.deploy("first");
    const database = mongod.client.db(shop.db);
    await database.createCollection("orders__v1");
    expect(await refusal(shop)).toBe("1 ASP6114");
    await database.dropCollection("orders__v1");
    await database.createCollection("orders__v2");
    expect(await refusal(shop)).toBe("1 ASP6114");
    await shop.define("first", (text) => text.replace('coll: "orders"', 'coll: "sales"'));
    expect(await refusal(shop)).toBe("1 ASP6119");
  });

  test("to go on with another projection than it began with, and what does not fit how far it has come", async () => {
    const shop = await openShop(mongod);
    await shop.deploy("first");
    await shop.write(20);
    expect(await refusal(shop, "--swap")).toBe("1 ASP6117");
    expect(await refusal(shop, "--rollback")).toBe("1 ASP6117");
    expect(await refusal(shop, "--drop-old")).toBe("1 ASP6117");
    expect(await refusal(shop, "--abort")).toBe("1 ASP6117");
    await shop.rebuild({ maySwap: false });
    await shop.define("second");
    expect(await refusal(shop)).toBe("1 ASP6116");
    expect(await refusal(shop, "--swap")).toBe("1 ASP6116");
    expect(await refusal(shop, "--abort", "--yes")).toMatch(/^0 /);
  });

  test("a cluster that has no address, and what does not compile", async () => {
    const shop = await openShop(mongod);
    await shop.define("first");
    const { code, stderr } = await aspOf(shop)("rebuild", "orders", "-e", "unset");
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("error[ASP4006]") });
    expect((await aspOf(shop)("rebuild", "orders", "-e", "local")).stderr).toContain("error[ASP6010]");
    expect((await aspOf(shop)("rebuild", "order", "-e", "staging")).stderr).toContain("error[ASP4150]");
    await addFiles(shop.cwd, { "pipelines/orders.ts": "export default 5;\n" });
    expect((await aspOf(shop)("rebuild", "orders", "-e", "staging")).code).toBe(1);
  });

  test("to wait for a processor that somebody has stopped; and goes on when it is run again", async () => {
    const shop = await openShop(mongod);
    await shop.write(20);
    await shop.define("second");
    const on = {
      // As somebody at a shell would.
      step: async (step: string) => {
        if (step !== "catching up") return;
        await shop.target.stop("orders__v2");
      },
    };
    await expect(shop.rebuild({ on })).rejects.toMatchObject({
      code: "ASP6121",
      message: expect.stringContaining("is STOPPED"),
    });
    expect((await shop.rebuild()).result?.outcome).toBe("swapped");
    expect(await shop.orders()).toEqual(fold(shop.events, "second"));
  });

  test("an index is asked for where there is none", async () => {
    const shop = await openShop(mongod);
    await mongod.client.db(shop.db).collection("events").dropIndexes();
    await shop.write(20);
    await shop.define("second");
    const { stderr, code } = await aspOf(shop)("rebuild", "orders", "-e", "staging");
    expect({ stderr, code }).toEqual({ code: 0, stderr: expect.stringContaining("info[ASP6123]") });
  });

  test.each([
    ["no environment", ["rebuild", "orders"]],
    ["no name", ["rebuild", "-e", "staging"]],
    ["--yes with --no-swap", ["rebuild", "orders", "-e", "staging", "--yes", "--no-swap"]],
    ["--swap with --rollback", ["rebuild", "orders", "-e", "staging", "--swap", "--rollback"]],
    ["--abort with --drop-old", ["rebuild", "orders", "-e", "staging", "--abort", "--drop-old"]],
  ])("a command line with %s", async (_, argv) => {
    expect((await runCli(argv)).code).toBe(64);
  });
});
