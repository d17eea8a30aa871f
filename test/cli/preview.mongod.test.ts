import { Ajv } from "ajv";
import type { Document } from "bson";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dlqReportSchema } from "../../src/cli/dlq/dlq-report.ts";
import { rebuildReportSchema, type RebuildReport } from "../../src/cli/render/rebuild-report-schema.ts";
import { openEmulator } from "../deploy/support.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { adminApi, variablesOf } from "./emulator-settings.ts";
import { addFiles, makeFolder, readFolder, runCli } from "./run-cli.ts";
import { paid } from "./paid.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const config = `events: { connectionName: events, db: shop, coll: events }
connections:
  events: { type: Cluster, name: Cluster0, uri: "\${CLUSTER}" }
  domain: { type: Cluster, name: Cluster0, uri: "\${CLUSTER}" }
  bus: { type: Kafka, bootstrapServers: in-memory }
collections:
  - { connectionName: domain, db: shop, coll: shares, indexes: [{ key: { count: 1 } }] }
environments:
  local: { target: emulator }
  staging:${adminApi()}
    databases: { shop: DB }
    checkpoints: { db: DB }
    dlq: { connectionName: domain, db: shop, coll: dead }
    record: { connectionName: domain, db: DB }
`;

/** Fails for an amount of 0 where it is not mended. */
const shares = (mended: boolean): string => `import { defineProjection } from "asp-toolkit";
export default defineProjection({
  name: "shares",
  into: { connectionName: "domain", db: "shop", coll: "shares" },
  initial: { share: 0, count: 0 },
  on: {
    Paid: ({ data }, view) => ({
      share: { $divide: [100, ${mended ? "{ $max: [data.amount, 1] }" : "data.amount"}] },
      count: { $add: [view.count, 1] },
    }),
  },
});
`;

/** Reads what the projection writes. */
const copies = `import { defineProcessor } from "asp-toolkit";
export default defineProcessor({
  name: "copies",
  pipeline: [
    { $source: { connectionName: "domain", db: "shop", coll: "shares", config: { fullDocument: "updateLookup", fullDocumentOnly: true } } },
    { $merge: { into: { connectionName: "domain", db: "shop", coll: "copies" } } },
  ],
});
`;

/** Cannot keep to itself. */
const alarms = `import { defineProcessor } from "asp-toolkit";
export default defineProcessor({
  name: "alarms",
  pipeline: [
    { $source: { connectionName: "domain", db: "shop", coll: "shares" } },
    { $emit: { connectionName: "bus", topic: "alarms" } },
  ],
});
`;

const preview = ["-e", "staging", "--suffix", "pr-42", "--only", "shares,copies"];

/** A preview that runs, and the environment's own processors, which do not. */
async function setUp() {
  const emulator = await openEmulator(mongod);
  const db = mongod.freshDb();
  const cwd = await makeFolder({
    "atlas.config.yaml": config.replaceAll("DB", db),
    "pipelines/shares.ts": shares(false),
    "pipelines/copies.ts": copies,
    "pipelines/alarms.ts": alarms,
  });
  const env = variablesOf(emulator);
  const asp = async (...argv: readonly string[]) => await runCli(argv, { cwd, env });
  const database = mongod.client.db(db);
  await database.collection("events").createIndex({ streamId: 1, version: 1 });
  expect(await asp("deploy", "-e", "staging", "--only", "shares,copies", "--no-start", "--yes")).toMatchObject({
    code: 0,
  });
  expect(await asp("deploy", ...preview, "--no-start", "--yes")).toMatchObject({ code: 0 });
  expect(await asp("start", "shares", "copies", "-e", "staging", "--suffix", "pr-42")).toMatchObject({ code: 0 });
  return {
    cwd,
    db,
    asp,
    report: async <Report = Document>(schema: object, ...argv: readonly string[]): Promise<Report> => {
      const { stdout, stderr } = await asp(...argv, "--json");
      const value = JSON.parse(stdout);
      const validate = new Ajv({ allErrors: true, strict: false }).compile(schema);
      expect({ ok: validate(value), errors: validate.errors, stderr }).toMatchObject({ ok: true });
      return value;
    },
    write: (...events: readonly Document[]) => database.collection("events").insertMany([...events]),
    read: (coll: string) =>
      database
        .collection<Document>(coll)
        .find({}, { projection: { _asp: 0 } })
        .sort({ _id: 1 })
        .toArray(),
    count: (coll: string) => database.collection(coll).countDocuments(),
  };
}

test("a preview reads the same events as the original that runs beside it, and is taken away without a trace in it", async () => {
  const { asp, write, read, count, db } = await setUp();
  expect(await asp("start", "shares", "copies", "-e", "staging")).toMatchObject({ code: 0 });
  const database = mongod.client.db(db);
  const version = new Map<string, number>();
  let isOver = false;
  const pay = async (stream: string): Promise<void> => {
    const next = (version.get(stream) ?? 0) + 1;
    version.set(stream, next);
    await write(paid(stream, next, 4));
  };
  const writing = (async () => {
    for (let n = 0; !isOver; n += 1) await pay(`s-${n % 5}`);
  })();
  const expected = () =>
    [...version]
      .map(([_id, each]) => ({ _id, share: 25, count: each }))
      .toSorted((one, other) => (one._id < other._id ? -1 : 1));
  try {
    await expect.poll(() => count("copies-pr-42"), { timeout: 20_000 }).toBe(5);
    // Gone while events come in.
    const gone = await asp("destroy", "-e", "staging", "--suffix", "pr-42", "--only", "shares,copies", "--yes");
    expect(gone).toMatchObject({ code: 0 });
  } finally {
    isOver = true;
    await writing;
  }
  const leftBehind = await read("shares-pr-42");
  await pay("s-5");
  await expect.poll(() => read("copies"), { timeout: 20_000 }).toEqual(expected());
  expect(await read("shares")).toEqual(expected());
  // Each document is a state that there was, and nothing is written any more.
  for (const { _id, count: seen, share } of leftBehind) {
    expect(share).toBe(25);
    expect(seen).toBeLessThanOrEqual(version.get(String(_id)) ?? 0);
  }
  expect(await read("shares-pr-42")).toEqual(leftBehind);
  const names = await database.collection<Document>("asp_deployed").distinct("_id.processor");
  expect(new Set(names)).toEqual(new Set(["copies", "shares"]));
  const { stdout } = await asp("status", "-e", "staging");
  expect(stdout).not.toContain("pr-42");
  expect(stdout).toMatch(/\nshares +STARTED/u);
});

describe("asp dlq --suffix", () => {
  test("works on the preview's letters, and writes the preview's collection", async () => {
    const { asp, report, write, read, count, cwd } = await setUp();
    await write(paid("a", 1, 4), paid("a", 2, 0), paid("b", 1, 0));
    await expect.poll(() => count("dead-pr-42"), { timeout: 20_000 }).toBe(2);

    const groups = [{ processor: "shares-pr-42", count: 2, queue: expect.stringMatching(/\.dead-pr-42$/u) }];
    expect(await report(dlqReportSchema, "dlq", "list", ...preview)).toMatchObject({ groups });
    expect(await report(dlqReportSchema, "dlq", "list", ...preview, "--processor", "shares")).toMatchObject({ groups });
    expect(await report(dlqReportSchema, "dlq", "list", "-e", "staging")).toMatchObject({ groups: [] });
    const misspelt = await asp("dlq", "list", ...preview, "--processor", "share");
    expect(misspelt.stderr).toContain("the project has no processor `share`: did you mean `shares`?");

    const made = await asp("dlq", "export", "by-zero", ...preview);
    expect(made).toMatchObject({ code: 0 });
    const files = await readFolder(cwd);
    expect(files["test/fixtures/by-zero/fixture.yaml"]).toBe('processors: ["shares"]\n');
    expect(files["test/fixtures/by-zero/given/shop.events.ndjson"]).toContain('"_id":"a-2"');

    await addFiles(cwd, { "pipelines/shares.ts": shares(true) });
    const done = await asp("dlq", "redrive", ...preview, "--yes");
    expect(done).toMatchObject({ code: 0, stdout: "shares-pr-42: 2 letters: applied\n" });
    expect(await read("shares-pr-42")).toMatchObject([
      { _id: "a", share: 100, count: 2 },
      { _id: "b", share: 100, count: 1 },
    ]);
    expect(await read("shares")).toEqual([]);
  });

  test("names the rebuild of the preview for a letter that comes too late", async () => {
    const { asp, write, count, cwd } = await setUp();
    await write(paid("a", 1, 0), paid("a", 2, 4));
    await expect.poll(() => count("dead-pr-42"), { timeout: 20_000 }).toBe(1);
    await expect.poll(() => count("shares-pr-42"), { timeout: 20_000 }).toBe(1);
    await addFiles(cwd, { "pipelines/shares.ts": shares(true) });
    const { stdout } = await asp("dlq", "redrive", ...preview);
    expect(stdout).toContain("shares-pr-42: 1 letter: too late");
    expect(stdout).toContain("rebuild it: asp rebuild shares -e staging --suffix pr-42\n");
  });

  test("is refused where a processor cannot keep to itself, and takes no --only without a suffix", async () => {
    const { asp } = await setUp();
    const whole = await asp("dlq", "list", "-e", "staging", "--suffix", "pr-42");
    expect(whole).toMatchObject({ code: 1, stderr: expect.stringContaining("error[ASP6068]") });
    expect((await asp("dlq", "list", "-e", "staging", "--only", "shares")).code).toBe(64);
    expect((await asp("rebuild", "shares", "-e", "staging", "--only", "shares")).code).toBe(64);
    expect((await asp("rebuild", "alarms", ...preview)).code).toBe(64);
  });
});

describe("asp rebuild --suffix", () => {
  test("makes the preview's read model anew, and touches nothing of the environment's own", async () => {
    const { asp, report, write, read, count, cwd, db } = await setUp();
    await write(paid("a", 1, 4), paid("a", 2, 5), paid("b", 1, 0));
    await expect.poll(() => count("dead-pr-42"), { timeout: 20_000 }).toBe(1);
    await addFiles(cwd, { "pipelines/shares.ts": shares(true) });
    const { stdout: planned } = await asp("plan", ...preview);
    const command = "asp rebuild shares -e staging --suffix pr-42";
    expect(planned).toContain(`${db}.shares-pr-42 keeps what earlier events made of it: \`${command}\` makes it anew`);

    const built = await asp("rebuild", "shares", ...preview, "--no-swap");
    expect(built).toMatchObject({ code: 0, stderr: expect.stringContaining("`copies-pr-42` reads") });
    expect(built.stdout).toContain(`${db}.shares-pr-42__v2 is built, and shares-pr-42__v2 keeps it up to date`);
    expect(built.stdout).toContain(`${command} --only shares,copies --swap; to give it up: ${command} --only`);
    // As a swap that was killed would leave it.
    const setPhase = (phase: string) =>
      mongod.client
        .db(db)
        .collection<Document>("asp_rebuilds")
        .updateOne({ "_id.processor": "shares-pr-42" }, { $set: { phase } });
    await setPhase("swapping");
    const between = await asp("plan", ...preview);
    expect(between).toMatchObject({ code: 1, stderr: expect.stringContaining("error[ASP6031]") });
    expect(between.stderr).toContain(`run \`${command}\` to finish it`);
    expect(await asp("plan", "-e", "staging", "--only", "shares,copies")).toMatchObject({ code: 0 });
    await setPhase("following");
    const swapped = await report<RebuildReport>(rebuildReportSchema, "rebuild", "shares", ...preview, "--swap");
    expect(swapped).toMatchObject({
      projection: "shares",
      suffix: "pr-42",
      outcome: "swapped",
      collection: `${db}.shares-pr-42`,
    });
    expect(await read("shares-pr-42")).toMatchObject([
      { _id: "a", share: 20, count: 2 },
      { _id: "b", share: 100, count: 1 },
    ]);
    expect((await asp("plan", ...preview)).stdout).toContain("No changes: 2 unchanged");
    const { stdout: states } = await asp("status", "-e", "staging", "--suffix", "pr-42");
    expect(states).toMatch(/\nshares-pr-42__v1 +STOPPED/u);
    const { stderr: kept } = await asp("destroy", "-e", "staging", "--suffix", "pr-42");
    expect(kept).toContain(`shares-pr-42__v1 is of a rebuild, and stays: \`${command} --drop-old\` takes it away`);

    expect((await asp("rebuild", "shares", ...preview, "--rollback")).code).toBe(0);
    expect(await read("shares-pr-42")).toMatchObject([{ _id: "a", share: 20, count: 2 }]);
    expect((await asp("rebuild", "shares", ...preview, "--abort", "--yes")).code).toBe(0);
    expect(await read("shares")).toEqual([]);
    const own = await asp("status", "shares", "-e", "staging");
    expect(own.stdout).toMatch(/\nshares +CREATED/u);
  });

  test("of a name that the project has not says what there is", async () => {
    const { asp } = await setUp();
    const { code, stderr } = await asp("rebuild", "share", "-e", "staging", "--suffix", "pr-42");
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("error[ASP4150]") });
    expect(stderr).toContain("did you mean `shares`?");
  });
});
