import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv } from "ajv";
import { EJSON, Long } from "bson";
import type { Document } from "bson";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dlqReportSchema } from "../../src/cli/dlq/dlq-report.ts";
import type { Definition } from "../../src/stages/definition.ts";
import { freshName, run } from "../engine/support.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { addFiles, makeFolder, readFolder, runCli, type CliResult } from "./run-cli.ts";
import { paid } from "./paid.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

const isReport = new Ajv({ allErrors: true, strict: false }).compile(dlqReportSchema);

const yaml = (events: string, letters: string) => `events: { connectionName: events, db: shop, coll: ${events} }
connections:
  events: { type: Cluster, uri: "\${MONGO}" }
  domain: { type: Cluster, uri: "\${MONGO}" }
environments:
  local:
    target: emulator
    databases: { shop: ${mongod.db} }
    dlq: { connectionName: domain, db: shop, coll: ${letters} }
`;

/** Fails for an event of amount 0 where it is not mended. */
const projection = (
  coll: string,
  { mended, guard = "version" }: { readonly mended: boolean; readonly guard?: string },
) => `
import { defineProjection } from "asp-toolkit";
export default defineProjection({
  name: "shares",
  into: { connectionName: "domain", db: "shop", coll: "${coll}" },
  guard: "${guard}",
  initial: { share: 0, count: 0 },
  on: {
    Paid: ({ data }, view) => ({
      share: ${mended ? "{ $cond: [{ $eq: [data.amount, 0] }, -1, { $divide: [100, data.amount] }] }" : "{ $divide: [100, data.amount] }"},
      count: { $add: [view.count, 1] },
    }),
  },
});
`;

const plain = (from: string, to: string, divisor: string) => `
import { defineProcessor } from "asp-toolkit";
export default defineProcessor({
  name: "plain",
  pipeline: [
    { $source: { connectionName: "events", db: "shop", coll: "${from}", config: { fullDocumentOnly: true } } },
    { $set: { share: { $divide: [100, ${divisor}] } } },
    { $merge: { into: { connectionName: "domain", db: "shop", coll: "${to}" } } },
  ],
});
`;

interface Setup {
  readonly coll: string;
  readonly letters: string;
  readonly cwd: string;
  asp(...argv: readonly string[]): Promise<CliResult>;
  report(...argv: readonly string[]): Promise<Document>;
  /** Runs the project as it is over events that come in. */
  process(events: readonly Document[], deadLetters: number): Promise<void>;
  view(id: unknown): Promise<Document | null>;
}

async function setUp(module: (names: { readonly events: string; readonly coll: string }) => string): Promise<Setup> {
  const [events, coll, letters] = [freshName(), freshName(), freshName()];
  const cwd = await makeFolder({
    "atlas.config.yaml": yaml(events, letters),
    "pipelines/it.ts": module({ events, coll }),
  });
  const db = mongod.client.db(mongod.db);
  const asp = (...argv: readonly string[]) => runCli(argv, { cwd, env: { MONGO: mongod.uri } });
  return {
    coll,
    letters,
    cwd,
    asp,
    report: async (...argv) => {
      const { stdout, stderr } = await asp("dlq", ...argv, "--json");
      const report: unknown = JSON.parse(stdout);
      if (!isReport(report)) throw new Error(`${stderr}${JSON.stringify(isReport.errors)}${stdout}`);
      return report;
    },
    process: async (documents, deadLetters) => {
      const { stdout } = await asp("compile");
      const engine = await run(mongod, EJSON.parse(stdout, { relaxed: false }) as readonly Definition[], {
        // Each test has processors of the same names.
        checkpoints: { cluster: { name: "test", client: mongod.client }, db: mongod.freshDb() },
      });
      for (const document of documents) await db.collection<Document>(events).insertOne({ ...document });
      await engine.caughtUp();
      await engine.stop();
      expect(await db.collection(letters).countDocuments()).toBe(deadLetters);
    },
    view: (id) => db.collection<Document>(coll).findOne({ _id: id } as Document),
  };
}

const outcomes = ({ letters }: Document): readonly string[] =>
  (letters as readonly Document[]).map(({ outcome }) => outcome as string);

describe("asp dlq redrive of a projection", () => {
  test.each(["version", "streams"])("with guard %s applies what failed, once, after the fix", async (guard) => {
    const setup = await setUp(({ coll }) => projection(coll, { mended: false, guard }));
    const { asp, coll, report, view } = setup;
    await setup.process([paid("a", 1, 4), paid("a", 2, 0), paid("a", 3, 0), paid("b", 1, 0)], 3);
    expect(await view("a")).toMatchObject({ share: 25, count: 1 });

    const still = await report("redrive", "--yes");
    expect(outcomes(still)).toEqual(["fails", "fails", "fails"]);
    // The words of the command around the reason say nothing of the event.
    expect(JSON.stringify(still)).not.toContain("caused by");
    await addFiles(setup.cwd, { "pipelines/it.ts": projection(coll, { mended: true, guard }) });
    expect(await report("redrive")).toMatchObject({ written: false });
    const dry = await asp("dlq", "redrive", "--dry-run");
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining("3 letters: would be applied") });
    expect(await view("a")).toMatchObject({ count: 1 });

    const done = await asp("dlq", "redrive", "--yes");
    expect(done).toMatchObject({ code: 0, stdout: "shares: 3 letters: applied\n" });
    expect(await view("a")).toMatchObject({ share: -1, count: 3 });
    expect(await view("b")).toMatchObject({ share: -1, count: 1 });
    expect((await asp("dlq", "redrive", "--yes")).stdout).toBe("no letters to put through again\n");
    expect(await report("list")).toMatchObject({ groups: [{ processor: "shares", count: 3, redriven: 3 }] });
  });

  test("finds its clusters by what a command prints, which is run once for a connection", async () => {
    const setup = await setUp(({ coll }) => projection(coll, { mended: false }));
    await setup.process([paid("a", 1, 0), paid("b", 1, 0), paid("c", 1, 0)], 3);
    const [config, runs] = [join(setup.cwd, "atlas.config.yaml"), join(setup.cwd, "runs")];
    const code = `require('node:fs').appendFileSync('${runs}', 'x'), console.log(process.env.MONGO)`;
    const command = `\${exec:${process.execPath} -e "${code}"}`;
    const text = await readFile(config, "utf8");
    await writeFile(config, text.replaceAll(`"\${MONGO}"`, JSON.stringify(command)));
    expect(await setup.report("list")).toMatchObject({ groups: [{ processor: "shares", count: 3 }] });
    expect(await readFile(runs, "utf8")).toBe("x");
    expect(outcomes(await setup.report("redrive"))).toEqual(["fails", "fails", "fails"]);
    expect(await readFile(runs, "utf8")).toBe("xxx");
    await writeFile(config, text.replaceAll(`"\${MONGO}"`, '"${exec:no-such-command}"'));
    const failed = await setup.asp("dlq", "list");
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining("error[ASP6066]") });
    expect(failed.stderr).toMatch(/--> atlas\.config\.yaml:4:\d+/u);
  });

  test("says of each letter that came too late for its guard, and names the rebuild", async () => {
    const setup = await setUp(({ coll }) => projection(coll, { mended: false }));
    await setup.process([paid("a", 1, 0), paid("a", 2, 4), paid("b", 1, 0)], 2);
    await addFiles(setup.cwd, { "pipelines/it.ts": projection(setup.coll, { mended: true }) });
    expect(outcomes(await setup.report("redrive"))).toEqual(["too late", "applied"]);
    const { code, stdout } = await setup.asp("dlq", "redrive", "--yes");
    expect(code).toBe(1);
    expect(stdout).toContain("shares: 1 letter: too late: newer events of the key were applied");
    expect(stdout).toContain("rebuild it: asp rebuild shares");
    expect(await setup.view("a")).toMatchObject({ share: 25, count: 1 });
    expect(await setup.view("b")).toMatchObject({ share: -1, count: 1 });
    expect(outcomes(await setup.report("redrive"))).toEqual(["too late"]);
  });

  test("knows what was applied meanwhile, and deletes with --delete", async () => {
    const setup = await setUp(({ coll }) => projection(coll, { mended: false }));
    await setup.process([paid("a", 1, 0)], 1);
    await addFiles(setup.cwd, { "pipelines/it.ts": projection(setup.coll, { mended: true }) });
    const letters = mongod.client.db(mongod.db).collection<Document>(setup.letters);
    const letter = await letters.findOne();
    await setup.asp("dlq", "redrive", "--yes");
    await letters.insertOne({ ...letter, _id: "again" as never });
    expect(outcomes(await setup.report("redrive", "--yes", "--delete"))).toEqual(["already applied"]);
    expect(await setup.view("a")).toMatchObject({ count: 1 });
    expect(await letters.countDocuments()).toBe(1);
  });

  test("with guard position is refused, and what is no letter is left alone and counted", async () => {
    const setup = await setUp(({ coll }) => projection(coll, { mended: false, guard: "position" }));
    await setup.process([paid("a", 1, 0)], 1);
    await mongod.client.db(mongod.db).collection(setup.letters).insertOne({ somebody: "else's" });
    const report = await setup.report("redrive", "--yes");
    expect(report).toMatchObject({
      strange: 1,
      letters: [{ outcome: "refused", reason: expect.stringContaining("not stored") }],
    });
    expect(await setup.report("list")).toMatchObject({ strange: 1 });
  });
});

describe("asp dlq of a plain processor", () => {
  const poisoned = () => setUp(({ events, coll }) => plain(events, coll, '"$n"'));

  test("lists by processor and reason, shows a letter with its types, and filters", async () => {
    const setup = await poisoned();
    await setup.process(
      [
        { _id: 1, n: 0 },
        { _id: 2, n: "x" },
        { _id: 3, n: 0 },
        { _id: 4, n: 5 },
      ],
      3,
    );
    const { stdout } = await setup.asp("dlq", "list");
    expect(stdout).toMatch(/^processor {2}letters {2}redriven {2}first .*\nplain +2 +0 .*divide by zero\nplain +1 +0 /);
    expect(await setup.report("list")).toMatchObject({
      groups: [{ count: 2, operator: "$set" }, { count: 1 }],
      strange: 0,
    });
    const { groups } = await setup.report("list", "--reason", "zero");
    const [{ lastId }] = groups as [{ readonly lastId: string }];
    expect(stdout).toContain(lastId);
    expect(await setup.report("show", lastId)).toMatchObject({ letter: { doc: { _id: 3, n: 0 } } });
    const misspelt = await setup.asp("dlq", "list", "--processor", "plian");
    expect(misspelt.stderr).toContain("the project has no processor `plian`: did you mean `plain`?");
    expect(await setup.report("list", "--since", "2100-01-01")).toMatchObject({ groups: [] });
    expect(await setup.report("list", "--reason", "zero")).toMatchObject({ groups: [{ count: 2 }] });
    expect(await setup.report("list", "--processor", "nobody")).toMatchObject({ groups: [] });
    const { letters } = await setup.report("redrive", "--reason", "zero", "--limit", "1");
    expect(letters).toHaveLength(1);
    const [{ id }] = letters as [{ readonly id: string }];
    expect(await setup.report("show", id)).toMatchObject({ letter: { doc: { _id: 1, n: 0 } } });
    expect((await setup.asp("dlq", "show", id)).stdout).toContain('"processorName": "plain"');
    expect(await setup.asp("dlq", "show", "f".repeat(24))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("ASP6102"),
    });
    expect(await setup.report("redrive", "--processor", "nobody")).toMatchObject({ letters: [] });
  });

  test("redrives without a guard and says so; an event that is gone is told", async () => {
    const setup = await poisoned();
    await setup.process(
      [
        { _id: 1, n: 0 },
        { _id: 2, n: 0 },
      ],
      2,
    );
    const source = (JSON.parse((await setup.asp("compile")).stdout) as readonly Definition[])[0]?.pipeline[0]?.[
      "$source"
    ] as Document;
    await mongod.client
      .db(mongod.db)
      .collection<Document>(source["coll"] as string)
      .deleteOne({ _id: 2 } as Document);
    await addFiles(setup.cwd, { "pipelines/it.ts": plain(source["coll"] as string, setup.coll, "1") });
    const { stdout, code } = await setup.asp("dlq", "redrive", "--yes");
    expect(code).toBe(1);
    expect(stdout).toContain("plain: 1 letter: applied (no guard: once more, if it was before)");
    expect(stdout).toContain("plain: 1 letter: events that are not stored any more");
    expect(await setup.view(1)).toEqual({ _id: 1, n: 0, share: 100 });
  });

  test("exports a case that fails as it did, and asp test runs it", async () => {
    const setup = await poisoned();
    await setup.process(
      [
        { _id: 1, n: 0, big: Long.fromNumber(7) },
        { _id: 2, n: 0 },
      ],
      2,
    );
    const made = await setup.report("export", "by-zero");
    expect(made).toMatchObject({ letters: 2, without: 0 });
    const files = await readFolder(setup.cwd);
    expect(Object.keys(files).filter((file) => file.startsWith("test/"))).toEqual(
      (made["files"] as readonly string[]).toSorted((a, b) => (a < b ? -1 : 1)),
    );
    expect(files["test/fixtures/by-zero/then/_dlq.ndjson"]).toContain(
      '"doc":{"_id":1,"n":0,"big":{"$numberLong":"7"}}',
    );
    expect(await setup.asp("dlq", "export", "by-zero")).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining("ASP6101"),
    });
    const tested = await setup.asp("test", "by-zero");
    expect({ code: tested.code, text: tested.stdout + tested.stderr }).toMatchObject({ code: 0 });
  });
});

describe("asp dlq refuses", () => {
  test.each<[string, readonly string[]]>([
    ["an unknown action", ["forget"]],
    ["show without an id", ["show"]],
    ["list with one", ["list", "x"]],
    ["a case that is a path", ["export", "../x"]],
    ["a pattern that is none", ["redrive", "--reason", "("]],
    ["a time that is none", ["list", "--since", "yesterday"]],
    ["--yes with --dry-run", ["redrive", "--yes", "--dry-run"]],
  ])("%s", async (_, argv) => {
    expect((await runCli(["dlq", ...argv])).code).toBe(64);
  });

  test("an environment without a queue, and one whose address is not known", async () => {
    const files = (dlq: string) => ({
      "atlas.config.yaml": `connections: { events: { type: Cluster }, domain: { type: Cluster } }\nenvironments:\n  local: { target: emulator${dlq} }\n`,
      "pipelines/it.ts": plain("e", "o", "1"),
    });
    const none = await runCli(["dlq", "list"], { cwd: await makeFolder(files("")) });
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining("ASP6100") });
    const dlq = ", dlq: { connectionName: domain, db: ops, coll: d }";
    const unknown = await runCli(["dlq", "list"], { cwd: await makeFolder(files(dlq)) });
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining("ASP4011") });
    expect(unknown.stderr).toContain("--> atlas.config.yaml:1:");
  });

  test("letters of a topic", async () => {
    const setup = await setUp(({ events, coll }) => plain(events, coll, '"$n"'));
    await setup.process([{ _id: 1, n: 0 }], 1);
    const kafka = plain("e", setup.coll, '"$n"').replace(
      /\$source: \{.*\} \},/,
      '$source: { connectionName: "bus", topic: "t" } },',
    );
    const config = yaml("e", setup.letters).replace(
      "connections:\n",
      "connections:\n  bus: { type: Kafka, bootstrapServers: h:1 }\n",
    );
    await addFiles(setup.cwd, { "pipelines/it.ts": kafka, "atlas.config.yaml": config });
    expect(await setup.report("redrive", "--yes")).toMatchObject({
      letters: [{ outcome: "refused", reason: expect.stringContaining("a topic") }],
    });
  });
});
