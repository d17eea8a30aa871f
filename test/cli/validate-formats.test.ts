import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { renderGithubCommands } from "../../src/cli/render/github-commands.ts";
import { pageAddress } from "../../src/cli/render/page-address.ts";
import type { PackageManifest } from "../../src/cli/render/page-address.ts";
import { readPage } from "../../src/cli/render/read-page.ts";
import { toSarif } from "../../src/cli/render/sarif.ts";
import type { Finding } from "../../src/diagnostics/finding.ts";
import { addFiles, makeFolder, runCli } from "./run-cli.ts";
import { processor, project } from "./sample.ts";

const unknown: Finding = {
  code: "ASP1030",
  severity: "error",
  message: "there is no operator `$x`",
  processor: "orders",
  path: [1, "total"],
  file: "pipelines/my orders, 100%.ts",
  line: 7,
  column: 5,
  length: 4,
  notes: ["one"],
  help: "50% of\nthis: or, that",
};

const bare: Finding = { code: "ASP4150", severity: "info", message: "nothing" };

describe("--format github", () => {
  test("escapes what would end a property or a line", () => {
    expect(renderGithubCommands([unknown], "shop: a/")).toBe(
      "::error file=shop%3A a/pipelines/my orders%2C 100%25.ts,line=7,col=5,endColumn=8,title=ASP1030" +
        "::there is no operator `$x`%0Aprocessor: orders%0Anote: one%0Ahelp: 50%25 of\\nthis: or, that",
    );
  });

  test("is a warning and a notice for the other severities, one a line", () => {
    const text = renderGithubCommands([bare, { ...unknown, severity: "warning" }], "");
    expect(text.split("\n").map((line) => line.replace(/[ :].*$/u, "") || line.split(" ")[0])).toEqual([
      "::warning",
      "::notice",
    ]);
    expect(text).toMatch(/\n::notice title=ASP4150::nothing$/);
  });

  test("a text that holds a command is none", () => {
    const text = renderGithubCommands([{ ...unknown, message: "a\r\n::set-output name=x::y" }], "");
    expect(text.split(/\r|\n/)).toHaveLength(1);
  });

  test("stdout has commands with paths from the repository, stderr the text unless -q", async () => {
    const root = await makeFolder({ ".git/HEAD": "" });
    await addFiles(join(root, "services/shop"), {
      ...project,
      "pipelines/payments.ts": processor("payments").replace("$match", "$mach"),
    });
    const cwd = join(root, "services/shop");
    const loud = await runCli(["validate", "--format", "github"], { cwd });
    expect(loud.code).toBe(1);
    expect(loud.stdout).toMatch(/^::error file=services\/shop\/pipelines\/payments\.ts,line=7,col=5,title=ASP1003::/);
    expect(loud.stderr).toContain("error[ASP1003]");
    expect(await runCli(["validate", "--format", "github", "-q"], { cwd })).toEqual({ ...loud, stderr: "" });
    const env = { GITHUB_WORKSPACE: join(root, "services") };
    expect((await runCli(["validate", "--format", "github"], { cwd, env })).stdout).toContain("file=shop/pipelines/");
  });

  test("without findings stdout is empty", async () => {
    const cwd = await makeFolder(project);
    expect(await runCli(["validate", "--format", "github"], { cwd })).toEqual({
      code: 0,
      stdout: "",
      stderr: "1 processor checked: no findings\n",
    });
  });
});

const schemaFile = createRequire(import.meta.url).resolve("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");
const { $schema: _, id: __, ...schema } = JSON.parse(readFileSync(schemaFile, "utf8")) as Record<string, unknown>;
const isSarif = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false, allErrors: true }).compile(
  schema,
);

interface Log {
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly Readonly<Record<string, unknown>>[] } };
      readonly results: readonly Readonly<Record<string, unknown>>[];
    },
  ];
}

function sarif(findings: readonly Finding[], fromRoot = "", manifest: PackageManifest = {}): Log["runs"][0] {
  const page = (code: string): string | undefined => {
    const explained = readPage(code);
    return explained.found ? explained.text : undefined;
  };
  const address = (code: string): string | undefined => pageAddress(code, manifest);
  const options = { version: "1.2.3", page, address, fromRoot, exitCode: 1 };
  const log = JSON.parse(JSON.stringify(toSarif(findings, options))) as Log;
  expect(isSarif(log), JSON.stringify(isSarif.errors)).toBe(true);
  return log.runs[0];
}

describe("--format sarif", () => {
  test("the schema refuses what is none", () => {
    expect(isSarif({ version: "2.1.0", runs: [{ tool: { driver: {} }, results: [{ level: "info" }] }] })).toBe(false);
  });

  test("a result has rule, level, message, both addresses and a fingerprint", () => {
    const { tool, results } = sarif([bare, unknown], "shop/");
    expect(tool.driver.rules.map(({ id }) => id)).toEqual(["ASP1030", "ASP4150"]);
    expect(tool.driver.rules[0]).toMatchObject({
      shortDescription: { text: "there is no such operator" },
      fullDescription: { text: "An expression uses an operator that no server and no stream processor has." },
      help: { markdown: expect.stringContaining("## Right") },
    });
    expect(results).toEqual([
      {
        ruleId: "ASP1030",
        ruleIndex: 0,
        level: "error",
        message: { text: "there is no operator `$x`\nNote: one\nHelp: 50% of\\nthis: or, that" },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: "shop/pipelines/my%20orders%2C%20100%25.ts", uriBaseId: "%SRCROOT%" },
              region: { startLine: 7, startColumn: 5, endColumn: 9 },
            },
            logicalLocations: [{ name: "orders", fullyQualifiedName: "orders/1/total", kind: "processor" }],
          },
        ],
        partialFingerprints: { "aspFinding/v1": expect.stringMatching(/^[0-9a-f]{32}$/) },
      },
      expect.objectContaining({ ruleId: "ASP4150", ruleIndex: 1, level: "note", locations: [] }),
    ]);
  });

  test("every code has a title, a description and its page as help", () => {
    const codes = readdirSync("docs/errors").map((file) => file.slice(0, 7) as Finding["code"]);
    const { rules } = sarif(codes.map((code) => ({ ...bare, code }))).tool.driver;
    expect(rules).toHaveLength(codes.length);
    for (const { id, shortDescription, fullDescription, help, helpUri } of rules) {
      const texts = [shortDescription, fullDescription, help].map((each) => (each as { readonly text: string }).text);
      // More is cut off by GitHub.
      for (const text of texts.slice(0, 2)) expect(text.length, String(id)).toBeLessThan(1024);
      for (const text of texts) expect(text, String(id)).toMatch(/^[^]{5}/u);
      expect(helpUri).toBeUndefined();
    }
  });

  test.each<readonly [PackageManifest["repository"], string | undefined]>([
    [{ url: "git+https://github.com/o/r.git" }, "https://github.com/o/r/blob/v1.2.3/docs/errors/ASP1030.md"],
    [
      { url: "git@github.com:o/r.git", directory: "packages/asp" },
      "https://github.com/o/r/blob/v1.2.3/packages/asp/docs/errors/ASP1030.md",
    ],
    ["github:o/r", "https://github.com/o/r/blob/v1.2.3/docs/errors/ASP1030.md"],
    ["o/r", "https://github.com/o/r/blob/v1.2.3/docs/errors/ASP1030.md"],
    ["https://example.com/r.git", undefined],
    [undefined, undefined],
  ])("where package.json names the repository %j, a rule has the address of its page", (repository, address) => {
    const [rule] = sarif([unknown], "", { version: "1.2.3", repository }).tool.driver.rules;
    expect(rule?.["helpUri"]).toBe(address);
  });

  test("a fingerprint stays when lines and stages move, and is another for another mistake", () => {
    const prints = (findings: readonly Finding[]) => sarif(findings).results.map((each) => each["partialFingerprints"]);
    const [first] = prints([unknown]);
    expect(prints([{ ...unknown, line: 70, column: 1, path: [9] }])).toEqual([first]);
    const others: readonly Finding[] = [
      { ...unknown, line: 8 },
      { ...unknown, message: "there is no operator `$y`" },
      { ...unknown, processor: "payments" },
      { ...unknown, file: "a.ts" },
    ];
    expect(new Set(prints([unknown, ...others]).map((print) => JSON.stringify(print))).size).toBe(5);
  });

  test("a file outside the project has an absolute address", () => {
    expect(sarif([{ ...unknown, file: "/home/a b/x.ts" }], "shop/").results[0]?.["locations"]).toMatchObject([
      { physicalLocation: { artifactLocation: { uri: "file:///home/a%20b/x.ts" } } },
    ]);
  });

  test("no findings are a log with no results", () => expect(sarif([]).results).toEqual([]));

  test("stdout has the log and nothing else", async () => {
    const cwd = await makeFolder({ ...project, "pipelines/payments.ts": processor("payment") });
    const { code, stdout, stderr } = await runCli(["validate", "--format", "sarif", "-q"], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(isSarif(JSON.parse(stdout))).toBe(true);
    expect(JSON.parse(stdout)).toMatchObject({
      runs: [{ results: [{ ruleId: "ASP4057", level: "warning" }], invocations: [{ exitCode: 0 }] }],
    });
  });
});

describe("--format", () => {
  test("json is --json", async () => {
    const cwd = await makeFolder({ ...project, "pipelines/payments.ts": processor("payment") });
    const long = await runCli(["validate", "--format", "json"], { cwd });
    expect(await runCli(["validate", "--json"], { cwd })).toEqual(long);
    expect(await runCli(["validate", "--json", "--format", "json"], { cwd })).toEqual(long);
    expect(JSON.parse(long.stdout)).toMatchObject({ errors: 0, warnings: 1 });
  });

  test("text is what there is without it", async () => {
    const cwd = await makeFolder({ ...project, "pipelines/payments.ts": processor("payment") });
    expect(await runCli(["validate", "--format", "text"], { cwd })).toEqual(await runCli(["validate"], { cwd }));
  });

  test.each([
    [["--json", "--format", "sarif"], "--json and --format sarif exclude each other"],
    [["--watch", "--format", "github"], "--watch cannot print --format github"],
    [["--format", "xml"], "argument 'xml' is invalid"],
  ])("%j is a wrong command line", async (argv, message) => {
    const { code, stderr } = await runCli(["validate", ...argv], { cwd: await makeFolder(project) });
    expect(code).toBe(64);
    expect(stderr).toContain(message);
  });

  test("--strict counts in the exit code that SARIF tells", async () => {
    const cwd = await makeFolder({ ...project, "pipelines/payments.ts": processor("payment") });
    const { code, stdout } = await runCli(["validate", "--format", "sarif", "--strict"], { cwd });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ runs: [{ invocations: [{ exitCode: 1 }] }] });
  });
});
