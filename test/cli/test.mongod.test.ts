import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFolder, readFolder, runCli } from "./run-cli.ts";
import { project } from "./sample.ts";

const env = { ...process.env, CI: "" } as Readonly<Record<string, string>>;

const event = (id: number, amount: number): string =>
  `${JSON.stringify({ _id: id, type: "PaymentReceived", account: "a", amount })}\n`;
const given = event(1, 10) + event(2, 20);

/** Adds up without a guard: right as long as nothing is delivered twice. */
const balance = `import { defineProcessor } from "asp-toolkit";
export default defineProcessor({
  name: "balance",
  pipeline: [
    { $source: { connectionName: "events", db: "shop", coll: "events", config: { fullDocumentOnly: true } } },
    { $project: { _id: "$account", amount: 1 } },
    {
      $merge: {
        into: { connectionName: "domain", db: "shop", coll: "balances" },
        whenMatched: [{ $set: { amount: { $add: ["$amount", "$$new.amount"] } } }],
      },
    },
  ],
});
`;

interface TestJson {
  readonly passed: number;
  readonly failed: number;
  readonly findings: readonly { readonly code: string; readonly file: string; readonly line: number }[];
  readonly cases: readonly { readonly name: string; readonly ok: boolean; readonly trials: readonly TrialJson[] }[];
}

interface TrialJson {
  readonly name: string;
  readonly ok: boolean;
  readonly differences: readonly Readonly<Record<string, unknown>>[];
}

describe("asp test", () => {
  test("bad fixtures are told with file and line while the good ones run", async () => {
    const cases = "test/fixtures";
    const cwd = await makeFolder({
      ...project,
      [`${cases}/good/given/shop.events.ndjson`]: given,
      [`${cases}/good/then/shop.payments.ndjson`]: given,
      [`${cases}/not-ejson/given/shop.events.ndjson`]: `${event(1, 10)}{"_id": 2,\n`,
      [`${cases}/empty/given/shop.events.ndjson`]: "",
      [`${cases}/nobody-writes/given/shop.events.ndjson`]: given,
      [`${cases}/nobody-writes/then/shop.payment.ndjson`]: given,
      [`${cases}/unknown-key/fixture.yaml`]: "order: time\nprocesors: [payments]\n",
      [`${cases}/unknown-key/given/shop.events.ndjson`]: given,
      [`${cases}/differs/given/shop.events.ndjson`]: given,
      [`${cases}/differs/then/shop.payments.ndjson`]: event(1, 10) + event(2, 21),
    });
    const { code, stdout, stderr } = await runCli(["test", "--json"], { cwd, env });
    expect(code).toBe(1);
    const report = JSON.parse(stdout) as TestJson;
    expect(report).toMatchObject({ passed: 1, failed: 5 });
    const found = report.findings.map((finding) => `${finding.code} ${finding.file}:${finding.line}`);
    expect(found.join("\n")).toContain(`ASP4100 ${cases}/not-ejson/given/shop.events.ndjson:2`);
    expect(found.join("\n")).toContain(`ASP4101 ${cases}/empty`);
    expect(found.join("\n")).toContain(`ASP4102 ${cases}/nobody-writes/then/shop.payment.ndjson:1`);
    expect(found.join("\n")).toContain(`ASP4103 ${cases}/unknown-key/fixture.yaml:2`);
    expect(stderr).toContain("did you mean `processors`?");
    expect(stderr).toContain('2 | {"_id": 2,');
    expect(report.cases.find(({ name }) => name === "differs")?.trials[0]?.differences).toEqual([
      expect.objectContaining({
        kind: "different",
        processor: "payments",
        collection: "shop.payments",
        _id: 2,
        path: "amount",
        expected: 21,
        actual: 20,
      }),
    ]);
  });

  test("a counter that doubles passes straight and fails, with its field, where batches are redelivered", async () => {
    const cwd = await makeFolder({
      "atlas.config.yaml": project["atlas.config.yaml"],
      "pipelines/balance.ts": balance,
      "test/fixtures/two-payments/given/shop.events.ndjson": given,
      "test/fixtures/two-payments/then/shop.balances.ndjson": '{"_id":"a","amount":30}\n',
    });
    const { code, stdout } = await runCli(["test", "--json"], { cwd, env });
    expect(code).toBe(1);
    const [one] = (JSON.parse(stdout) as TestJson).cases;
    expect(one?.trials.find(({ name }) => name === "straight")?.ok).toBe(true);
    expect(one?.trials.find(({ name }) => name === "redelivered")).toMatchObject({
      ok: false,
      differences: [{ collection: "shop.balances", _id: "a", path: "amount", expected: 30 }],
    });
    const text = await runCli(["test"], { cwd, env });
    expect(text.stdout).toMatch(/^✗ two-payments .*failed: .*redelivered/mu);
    expect(text.stdout).toContain("0 passed, 1 failed");
    expect(text.stderr).toContain("amount");
  });

  test("--update writes then/, --junit a report, and the next run is green", async () => {
    const cwd = await makeFolder({
      ...project,
      "test/fixtures/two-payments/given/shop.events.ndjson": given,
    });
    expect((await runCli(["test", "two-payments", "--update"], { cwd, env })).code).toBe(0);
    expect((await readFolder(join(cwd, "test")))["fixtures/two-payments/then/shop.payments.ndjson"]).toBe(given);
    const { code, stdout } = await runCli(["test", "--junit", "out/junit.xml"], { cwd, env: { ...env, CI: "true" } });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^✓ two-payments +\S.*\n\n1 passed in /u);
    expect((await readFolder(cwd))["out/junit.xml"]).toContain('<testsuite name="two-payments"');
  });

  test("a case that is not there is told with what is near, and nothing is run", async () => {
    const cwd = await makeFolder({ ...project, "test/fixtures/two-payments/given/shop.events.ndjson": given });
    const { code, stderr } = await runCli(["test", "to-payments"], { cwd, env });
    expect(code).toBe(1);
    expect(stderr).toContain("error[ASP4151]: no fixture case is named `to-payments`");
    expect(stderr).toContain("did you mean `two-payments`?");
  });

  test("a project without a case does not look like one that passed", async () => {
    const cwd = await makeFolder(project);
    const { code, stdout, stderr } = await runCli(["test", "--json"], { cwd, env });
    expect(code).toBe(1);
    expect(stderr).toContain("error[ASP4152]");
    expect(JSON.parse(stdout)).toMatchObject({ passed: 0, failed: 0, cases: [] });
  });
});

describe("asp replay", () => {
  test("a case, a folder and a file come to the same end", async () => {
    const folder = "test/fixtures/two-payments";
    const cwd = await makeFolder({ ...project, [`${folder}/given/shop.events.ndjson`]: given });
    for (const argv of [["two-payments"], [folder], [`${folder}/given/shop.events.ndjson`, "--into", "shop.events"]]) {
      const { code, stdout } = await runCli(["replay", ...argv, "--out", "result", "--json"], { cwd, env });
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        events: 2,
        processors: [{ name: "payments", input: 2, output: 2, deadLetters: 0, lagMs: { p50: expect.any(Number) } }],
      });
      expect((await readFolder(cwd))["result/shop.payments.ndjson"]).toBe(given);
    }
  });

  test("shows progress on stderr and a table on stdout, and -q leaves the table", async () => {
    const cwd = await makeFolder({ ...project, "events.ndjson": given });
    const loud = await runCli(["replay", "events.ndjson"], { cwd, env });
    expect(loud.stdout).toMatch(/^processor +input +output +dead letters +lag p50 .*\npayments +2 +2 +0 /u);
    expect(loud.stdout).toMatch(/\n2 events in .*events\/s\n$/u);
    expect(loud.stderr).toMatch(/^\d events?, .*\/s, lag .*, 0 dead letters$/mu);
    expect((await runCli(["replay", "events.ndjson", "-q"], { cwd, env })).stderr).toBe("");
    const live = await runCli(["replay", "events.ndjson"], { cwd, env, isTTY: true });
    expect(live.stderr.startsWith("\r\u001B[2K")).toBe(true);
  });

  test("what differs from then/ makes it fail", async () => {
    const cwd = await makeFolder({
      ...project,
      "test/fixtures/one/given/shop.events.ndjson": given,
      "test/fixtures/one/then/shop.payments.ndjson": event(1, 10),
    });
    const { code, stdout, stderr } = await runCli(["replay", "one", "--json"], { cwd, env });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ differences: [{ kind: "extra", _id: 2 }] });
    expect(stderr).toContain("shop.payments");
  });

  test.each([
    [["nothing.ndjson"], 1, "there is no case, folder or file `nothing.ndjson`"],
    [["events.ndjson", "--into", "shop"], 64, "argument 'shop' is invalid"],
    [["events.ndjson", "--rate", "0"], 64, "argument '0' is invalid"],
    [[], 64, "missing required argument 'source'"],
  ])("asp replay %j exits with %d", async (argv, expected, message) => {
    const cwd = await makeFolder({ ...project, "events.ndjson": given });
    const { code, stderr } = await runCli(["replay", ...argv], { cwd, env });
    expect(code).toBe(expected);
    expect(stderr).toContain(message);
  });
});
