import { readdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { expect, test, vi } from "vitest";
import { loadPipelines } from "../../src/loader/load-pipelines.ts";
import type { LoadedProject } from "../../src/loader/load-pipelines.ts";
import { runUntagged } from "../../src/loader/run-untagged.ts";
import { project } from "./project.ts";

type Files = Readonly<Record<string, string>>;

const importing = 'import { defineProcessor } from "asp-toolkit";\n';
const good = `${importing}export default defineProcessor({ name: "good", pipeline: [] });\n`;

async function load(files: Files, timeLimit = 200): Promise<LoadedProject> {
  const cwd = await project({ ...files, "pipelines/good.ts": good });
  return loadPipelines("pipelines", { cwd, withoutPlaces: true, timeLimit });
}

const shown = ({ findings }: LoadedProject): readonly string[] =>
  findings.map(({ code, file, line, column, message }) => `${code} ${file}:${line}:${column} ${message}`);
const names = ({ modules }: LoadedProject): readonly string[] =>
  modules.flatMap(({ processors }) => processors.map(({ name }) => name));

const listeners = (): readonly unknown[] =>
  (["uncaughtException", "unhandledRejection", "beforeExit", "exit"] as const).flatMap((event) =>
    process.rawListeners(event),
  );

const refused = (member: string): string => `this module uses \`${member}\`, which is asp's own`;
const lost = "this module starts what fails, and nothing catches it:";
const slow = "this module waits, and has not been loaded after 0.2 s";

test.each<readonly [string, string, readonly string[]]>([
  ["ends it", "const a = { $b: 1 };\nif (a) process.exit(1);", [`ASP4170 bad.ts:2:16 ${refused("process.exit")}`]],
  ["sets its exit code", "  process.exitCode = 2;", [`ASP4170 bad.ts:1:11 ${refused("process.exitCode")}`]],
  [
    "ends it behind a call",
    "const f = () => process?.abort();\n[1].map(f);",
    [`ASP4170 bad.ts:1:26 ${refused("process.abort")}`],
  ],
  [
    "ends it when it fails",
    "Promise.reject(1).catch(() => {\n  process.exit(1);\n});",
    [`ASP4170 bad.ts:2:11 ${refused("process.exit")}`],
  ],
  ["ends its streams", "process.stderr.end();", [`ASP4170 bad.ts:1:16 ${refused("process.stderr.end")}`]],
  [
    "takes a module from it",
    "process.getBuiltinModule('fs');",
    [`ASP4170 bad.ts:1:9 ${refused("process.getBuiltinModule")}`],
  ],
  [
    "rejects",
    "const a = async () => { throw new TypeError('no') };\nvoid a();",
    [`ASP4172 bad.ts:1:31 ${lost} TypeError: no`],
  ],
  ["rejects with a text", "void Promise.reject('no');", [`ASP4172 bad.ts:1:1 ${lost} it throws "no"`]],
  [
    "throws later",
    "setTimeout(() => null.x, 20);",
    [`ASP4172 bad.ts:1:23 ${lost} TypeError: Cannot read properties of null (reading 'x')`],
  ],
  [
    "waits for ever",
    "const a = { b: 1 };\nexport const c = [a, await (new Promise(() => {}), 1, new Promise(() => {}))];",
    [`ASP4171 bad.ts:2:22 ${slow}`],
  ],
  ["waits in a loop", "for await (const a of [new Promise(() => {})]) a();", [`ASP4171 bad.ts:1:1 ${slow}`]],
  [
    "awaits what is none",
    "const [a] = await 1;",
    [
      "ASP4052 bad.ts:1:8 this module fails while it is loaded: TypeError: number 1 is not iterable (cannot read property Symbol(Symbol.iterator))",
    ],
  ],
  // A timer of the test runner's that ends meanwhile hides the one that a module began (`hear-uncaught.ts`).
])("a module that %s is a finding at its place, and the others are loaded", { retry: 3 }, async (_, text, expected) => {
  const before = listeners();
  const loaded = await load({ "pipelines/bad.ts": text, "pipelines/zz.ts": good.replace("good", "zz") });
  expect(shown(loaded)).toEqual(expected.map((line) => line.replace(" bad.ts", " pipelines/bad.ts")));
  expect(names(loaded)).toEqual(["good", "zz"]);
  expect(listeners()).toEqual(before);
  expect(process.exitCode).toBeUndefined();
});

test("a helper that waits for ever is found once, there, and within the time of two", async () => {
  const using = `import "../lib/waits.ts";\n${good}`;
  const files = Array.from({ length: 20 }, (_, index) => [`pipelines/m${index}.ts`, using] as const);
  const started = Date.now();
  const loaded = await load({ ...Object.fromEntries(files), "lib/waits.ts": "\n await new Promise(() => {});" });
  expect(shown(loaded)).toEqual([`ASP4171 lib/waits.ts:2:2 ${slow}`]);
  expect(names(loaded)).toEqual(["good"]);
  expect(Date.now() - started).toBeLessThan(4000);
});

test("two that wait for ever are both found", async () => {
  const wait = "export const a = await new Promise(() => {});";
  expect(shown(await load({ "pipelines/a.ts": wait, "pipelines/b.ts": `\n${wait}` }))).toEqual([
    `ASP4171 pipelines/a.ts:1:18 ${slow}`,
    `ASP4171 pipelines/b.ts:2:18 ${slow}`,
  ]);
});

const endless = (seconds: number): string =>
  `this module runs without an end: nothing has stopped it within ${seconds} s`;

test.each<readonly [string, string, string]>([
  ["at its top", "let n = 0;\nwhile (true) n++;", "2:14"],
  ["behind an await", "await 1;\nfor (;;) {}", "2:"],
  [
    "in a promise",
    'import { defineProcessor } from "asp-toolkit";\nawait Promise.resolve().then(() => { do {} while (defineProcessor); });',
    "2:",
  ],
  ["behind what it iterates", "function* all() { for (;;) yield 1; }\nfor (const a of all()) void a;", ""],
])("a module that runs for ever %s is ended, named, and the others are loaded", async (_, text, at) => {
  const before = listeners();
  const loaded = await load({ "pipelines/bad.ts": text, "pipelines/zz.ts": good.replace("good", "zz") }, 400);
  const [finding, ...others] = shown(loaded);
  expect(others).toEqual([]);
  expect(finding).toContain(`ASP4174 pipelines/bad.ts:${at}`);
  expect(finding).toContain(endless(0.4));
  expect(names(loaded)).toEqual(["good", "zz"]);
  expect(listeners()).toEqual(before);
});

test("of several that run for ever each is named once, whoever imports it", async () => {
  const using = (name: string): string => `import "../lib/spins.ts";\n${good.replace("good", name)}`;
  const loaded = await load(
    {
      "pipelines/a.ts": "while (true);",
      "pipelines/b.ts": using("b"),
      "pipelines/c.ts": using("c"),
      "pipelines/d.ts": "\nfor (;;);",
      "lib/spins.ts": "\n\nwhile (true);",
    },
    300,
  );
  expect(shown(loaded).map((line) => line.split(" ").slice(0, 2).join(" ").replace(/:\d+$/, ""))).toEqual([
    "ASP4174 pipelines/a.ts:1",
    "ASP4174 lib/spins.ts:3",
    "ASP4174 pipelines/d.ts:2",
  ]);
  expect(names(loaded)).toContain("good");
});

test("loops that end take nothing but their time", async () => {
  const text = `const all: number[] = [];\nfor (let n = 0; n < 1e6; n++) all.push(n);\n${good.replace("good", "late")}`;
  const loaded = await load({ "pipelines/late.ts": text }, 2000);
  expect(shown(loaded)).toEqual([]);
  expect(names(loaded)).toEqual(["good", "late"]);
});

test("a module may take its time", async () => {
  const loaded = await load(
    { "pipelines/late.ts": `await new Promise((go) => setTimeout(go, 300));\n${good.replace("good", "late")}` },
    2000,
  );
  expect(shown(loaded)).toEqual([]);
  expect(names(loaded)).toEqual(["good", "late"]);
});

test("what a module catches, or leaves behind in peace, is none", async () => {
  const loaded = await load({
    "pipelines/fine.ts": `
const slow = new Promise((_, no) => setTimeout(no, 30, new Error("slow")));
export const first = await Promise.race([Promise.resolve(1), slow]);
Promise.reject(new Error("no")).catch(() => {});
const late = Promise.reject(new Error("caught late")); await late.catch(() => {});
setInterval(() => {}, 1000).unref();`,
  });
  expect(shown(loaded)).toEqual([]);
});

test("a process of its own, or the names of a member, are the module's", async () => {
  const loaded = await load({
    "pipelines/own.ts": `const process = { exit: () => 1, stdout: { write: () => 2 } };
export const a = [process.exit(), process.stdout.write(), { process }.process.exit()];
import("./data.json");`,
    "pipelines/other.ts":
      "export function f(process: { exit(): number }) { return process.exit(); }\nf({ exit: () => 1 });",
    "pipelines/data.json": "{}",
  });
  expect(shown(loaded)).toEqual([]);
});

test("reading the process takes no bundler", async () => {
  const cwd = await project({
    "a.ts":
      "export const a = [typeof process.pid, process.cwd(), process.env['PATH'], process.stdout.isTTY, typeof process.memoryUsage.rss()];",
  });
  const run = await runUntagged([join(cwd, "a.ts")], { cwd, timeLimit: 1000 });
  const { PATH } = process.env;
  expect(run?.modules[0]?.exports["a"]).toEqual(["number", process.cwd(), PATH, process.stdout.isTTY, "number"]);
});

test("nothing is left behind by modules that fail or wait, also by several loads at once", async () => {
  const temporary = await project({});
  vi.stubEnv("TMPDIR", temporary);
  const before = listeners();
  const lose = load({ "pipelines/bad.ts": "void Promise.reject(new Error('a'));" });
  const wait = load({ "pipelines/bad.ts": "await new Promise(() => {});" });
  const loaded = await Promise.all([lose, wait, load({})]);
  expect(loaded.map(names)).toEqual([["good"], ["good"], ["good"]]);
  expect(listeners()).toEqual(before);
  expect((await readdir(temporary)).filter((name) => name.startsWith("asp-load"))).toEqual([]);
  vi.unstubAllEnvs();
});
