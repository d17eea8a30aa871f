import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseDocument } from "yaml";
import { isCommandName } from "../../src/cli/command-table.ts";
import { makeFolder, readFolder, runCli } from "./run-cli.ts";

const made = [
  ".github/workflows/asp.yml",
  ".gitignore",
  "atlas.config.yaml",
  "package.json",
  "pipelines/events.ts",
  "pipelines/orders.ts",
  "test/fixtures/order-is-placed/given/shop.events.ndjson",
  "test/fixtures/order-is-placed/then/shop.orders.ndjson",
  "tsconfig.json",
];

test("init makes a project and says what comes next", async () => {
  const cwd = await makeFolder();
  const { code, stdout, stderr } = await runCli(["init", "My Shop"], { cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const files = await readFolder(join(cwd, "My Shop"));
  expect(Object.keys(files)).toEqual(made);
  expect(JSON.parse(files["package.json"] ?? "")).toMatchObject({ name: "my-shop", type: "module" });
  expect(files["atlas.config.yaml"]).toMatch(/^# yaml-language-server: \$schema=/u);
  expect(stdout).toContain("  My Shop/pipelines/orders.ts\n");
  expect(stdout).toContain("Next:\n  cd My Shop\n  npm install\n  npx asp validate\n  npx asp test\n");
});

test("init keeps a package.json and says so", async () => {
  const cwd = await makeFolder({ "package.json": "{}", ".gitignore": "x" });
  const { code, stdout } = await runCli(["init", "--json"], { cwd });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    kept: ["package.json", ".gitignore"],
    next: ["npm install --save-dev asp-toolkit typescript", "npx asp validate", "npx asp test"],
  });
  expect((await readFolder(cwd))["package.json"]).toBe("{}");
});

test("init asks for no package that is there", async () => {
  const manifest = { dependencies: { "asp-toolkit": "0.1.0" } };
  const cwd = await makeFolder({ "package.json": JSON.stringify(manifest) });
  const { stdout } = await runCli(["init", "--json"], { cwd });
  expect(JSON.parse(stdout)).toMatchObject({
    next: ["npm install --save-dev typescript", "npx asp validate", "npx asp test"],
  });
});

test("init lists the files in its way and writes nothing", async () => {
  const cwd = await makeFolder({ "shop/atlas.config.yaml": "mine", "shop/pipelines/orders.ts": "mine too" });
  const { code, stdout, stderr } = await runCli(["init", "shop"], { cwd });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain("error[ASP4154]: `shop/atlas.config.yaml` exists already");
  expect(stderr).toContain("error[ASP4154]: `shop/pipelines/orders.ts` exists already");
  expect(await readFolder(join(cwd, "shop"))).toEqual({
    "atlas.config.yaml": "mine",
    "pipelines/orders.ts": "mine too",
  });
});

test("a file where a folder must be is the world's refusal, and what was written is taken back", async () => {
  const cwd = await makeFolder({ "shop/test": "not a folder" });
  const { code, stdout, stderr } = await runCli(["init", "shop", "--json"], { cwd });
  expect(code).toBe(3);
  expect(stderr).toContain("error[ASP4155]: ");
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "ASP4155" } });
  expect(await readFolder(cwd)).toEqual({ "shop/test": "not a folder" });
});

test("init twice changes nothing the second time", async () => {
  const cwd = await makeFolder();
  await runCli(["init"], { cwd });
  const before = await readFolder(cwd);
  expect((await runCli(["init"], { cwd })).code).toBe(1);
  expect(await readFolder(cwd)).toEqual(before);
});

test("the config names the schema that editors complete from, where the package has it", async () => {
  const cwd = await makeFolder();
  await runCli(["init"], { cwd });
  const config = (await readFolder(cwd))["atlas.config.yaml"] ?? "";
  const [, path = ""] = /^# yaml-language-server: \$schema=\.\/node_modules\/asp-toolkit\/(\S+)\n/.exec(config) ?? [];
  expect(path).not.toBe("");
  expect(existsSync(new URL(`../../${path}`, import.meta.url))).toBe(true);
});

test("the environment that stands in the config as a comment is one that can be used", async () => {
  const cwd = await makeFolder();
  await runCli(["init"], { cwd });
  const config = (await readFolder(cwd))["atlas.config.yaml"] ?? "";
  const uncommented = config.replaceAll(/^ {2}# /gmu, "  ");
  expect(uncommented).not.toBe(config);
  await writeFile(join(cwd, "atlas.config.yaml"), uncommented);
  expect(await runCli(["validate", "-e", "production"], { cwd })).toMatchObject({ code: 0, stderr: "" });
  const { code, stderr } = await runCli(["plan", "-e", "production"], { cwd });
  expect(code).toBe(1);
  expect(stderr).toContain("`ATLAS_PROJECT_ID`");
});

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
}

test("the workflow is valid YAML with pinned actions, and runs only commands that there are", async () => {
  const cwd = await makeFolder();
  await runCli(["init"], { cwd });
  const document = parseDocument((await readFolder(cwd))[".github/workflows/asp.yml"] ?? "", { strict: true });
  expect([...document.errors, ...document.warnings]).toEqual([]);
  const { on, jobs } = document.toJS() as { on: string[]; jobs: Readonly<Record<string, { steps: readonly Step[] }>> };
  expect(on).toEqual(["push", "pull_request"]);
  expect(Object.keys(jobs)).toEqual(["check", "plan"]);
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  for (const { uses } of steps) if (uses !== undefined) expect(uses).toMatch(/^actions\/[a-z-]+@v\d+$/);

  const runs = steps.flatMap(({ run }) => (run === undefined ? [] : [run]));
  expect(runs).toEqual([
    "npm ci",
    "npx tsc",
    "npx asp validate --format github",
    "npx asp compile --out definitions --check",
    "npx asp test --junit junit.xml",
    "npm ci",
    'npx asp plan -e "$ASP_ENVIRONMENT" --format markdown >> "$GITHUB_STEP_SUMMARY"',
  ]);
  const named = runs.flatMap((run) => /^npx asp (\w+)/.exec(run)?.[1] ?? []);
  expect(named.filter((name) => !isCommandName(name))).toEqual([]);
  expect(steps.find(({ run }) => run?.includes("--check") === true)?.if).toBe("hashFiles('definitions/*.json') != ''");
});
