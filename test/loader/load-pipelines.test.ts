import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { Finding, Place } from "../../src/diagnostics/finding.ts";
import { loadPipelines } from "../../src/loader/load-pipelines.ts";
import type { LoadedProject } from "../../src/loader/load-pipelines.ts";
import type { AuthoredValue } from "../../src/projections/processor-value.ts";
import { project } from "./project.ts";

const load = async (files: Readonly<Record<string, string>>): Promise<LoadedProject> =>
  loadPipelines("pipelines", { cwd: await project(files) });

const importing = 'import { defineProcessor } from "asp-toolkit";\n';
const good = `${importing}export default defineProcessor({ name: "good", pipeline: [] });\n`;

const shown = (finding: Finding): string =>
  `${finding.code} ${finding.file}:${finding.line}:${finding.column} ${finding.message}`;
const at = (place: Place | undefined): string =>
  place === undefined ? "nowhere" : `${place.file}:${place.line}:${place.column}`;
const names = ({ modules }: LoadedProject): readonly string[] =>
  modules.flatMap(({ processors }) => processors.map(({ name }) => name));

function only({ modules }: LoadedProject): AuthoredValue & { readonly pipeline: readonly Record<string, never>[] } {
  const [value] = modules.flatMap(({ processors }) => processors);
  if (value === undefined || !("pipeline" in value)) throw new Error("no processor was loaded");
  return value as never;
}

test("every module below the folder is loaded, tests and declarations are not", async () => {
  const one = (name: string): string => good.replace("good", name);
  const loaded = await load({
    "pipelines/a.ts": one("a"),
    "pipelines/sub/b.mts": one("b"),
    "pipelines/c.js": one("c"),
    "pipelines/d.mjs": one("d"),
    "pipelines/helper.ts": "export const x: number = 1;\n",
    "pipelines/a.test.ts": "throw 1",
    "pipelines/a.d.ts": "export {}",
    "pipelines/node_modules/x/index.js": "throw 1",
    "pipelines/notes.md": "#",
  });
  expect(loaded.findings).toEqual([]);
  expect(loaded.modules.map(({ file }) => file)).toEqual([
    "pipelines/a.ts",
    "pipelines/c.js",
    "pipelines/d.mjs",
    "pipelines/helper.ts",
    "pipelines/sub/b.mts",
  ]);
  expect(names(loaded)).toEqual(["a", "c", "d", "b"]);
  expect(loaded.source("pipelines/a.ts")).toBe(one("a"));
  expect(loaded.source("pipelines/none.ts")).toBeUndefined();
});

test("stages keep the place of their literal, through variables, spreads and helper functions", async () => {
  const loaded = await load({
    "pipelines/good.ts": `${importing}import { base, set } from "./shared/stages.ts";

const match = { $match: { "data.amount": { $gt: 1 } } } as const;
export default defineProcessor({
  name: "good",
  pipeline: [
    { $source: { connectionName: "é" } }, match, ...base,
    set("x"),
    { ...match, },
    {
      "$merge": {
        into: { coll: "c" },
        on: "_id" } } satisfies object,
  ],
});
`,
    "pipelines/shared/stages.ts": `export const base = [{ $unset: "a" },
  { $set: { b: 1 } }];
export const set = (name: string) => ({ $set: { [name]: ({ $add: [1, 2] }) } });
`,
  });
  expect(loaded.findings).toEqual([]);
  const value = only(loaded);
  expect(value.pipeline.map((stage) => at(loaded.at(stage)))).toEqual([
    "pipelines/good.ts:8:5",
    "pipelines/good.ts:4:15",
    "pipelines/shared/stages.ts:1:22",
    "pipelines/shared/stages.ts:2:3",
    "pipelines/shared/stages.ts:3:39",
    "pipelines/good.ts:10:5",
    "pipelines/good.ts:11:5",
  ]);
  expect(at(loaded.at(value))).toBe("pipelines/good.ts:5:16");
  expect(at(loaded.at(value, "name"))).toBe("pipelines/good.ts:6:3");
  const merge: Readonly<Record<string, object>> = value.pipeline[6]?.["$merge"] ?? {};
  expect(at(loaded.at(merge, "on"))).toBe("pipelines/good.ts:14:9");
  expect(at(loaded.at(merge, "whenMatched"))).toBe("pipelines/good.ts:12:17");
  expect(at(loaded.at(merge["into"] ?? {}))).toBe("pipelines/good.ts:13:15");
  expect(at(loaded.at(value.pipeline))).toBe("nowhere");
});

test("tags change no value", async () => {
  const text = `{ a: { $x: [1, { b: null }] }, 'c d': ((1, { e: "}" })), ["f" + 1]: \`\${[{ g: 1 }].length}\`, ...{ h: /{}/.source }, get i() { return { j: 1 } } }`;
  const loaded = await load({
    "pipelines/good.ts": `${importing}const { k = { l: 1 } }: { k?: object } = {};\nlet m; ({ m } = { m: 2 });\nexport default defineProcessor({ name: "good", pipeline: [${text}, { k, m }] });`,
  });
  expect(loaded.findings).toEqual([]);
  expect(JSON.stringify(only(loaded).pipeline)).toBe(
    '[{"a":{"$x":[1,{"b":null}]},"c d":{"e":"}"},"f1":"1","h":"{}","i":{"j":1}},{"k":{"l":1},"m":2}]',
  );
});

test("handlers, and what they return when they are called, have places", async () => {
  const loaded = await load({
    "pipelines/good.ts": `${importing}
const shared = () => ({ status: { $literal: 1 } });
export default defineProcessor({ name: "good", pipeline: [], on: {
  A: ({ data }: any) => ({
    total: { $add: [data, 1] } }),
  B() { return 1; }, "C": shared,
  key: function () {},
} } as never);
`,
  });
  const { on } = only(loaded) as never as { on: Record<string, (event: object) => { total: object }> };
  expect(Object.values(on).map((handler) => at(loaded.at(handler)))).toEqual([
    "pipelines/good.ts:5:3",
    "pipelines/good.ts:7:3",
    "pipelines/good.ts:7:22",
    "pipelines/good.ts:8:3",
  ]);
  const fields = on["A"]?.({ data: 1 });
  expect(at(loaded.at(fields ?? {}))).toBe("pipelines/good.ts:5:26");
  expect(at(fields && loaded.at(fields, "total"))).toBe("pipelines/good.ts:6:5");
  expect(at(fields && loaded.at(fields.total))).toBe("pipelines/good.ts:6:12");
  expect(on["A"]?.name).toBe("A");
});

test("a module that several import is run once, also one that exports a processor", async () => {
  const loaded = await load({
    "pipelines/a.ts": `${importing}import { stages } from "./shared.ts";\nexport default defineProcessor({ name: "a", pipeline: stages });`,
    "pipelines/b.ts": `${importing}import { stages } from "./shared.js";\nimport a from "./a.ts";\nexport default defineProcessor({ name: "b", pipeline: stages, options: { a } as never });`,
    "pipelines/shared.ts": `export const stages = [{ $match: {} }];`,
  });
  expect(loaded.findings).toEqual([]);
  const [a, b] = loaded.modules.flatMap(({ processors }) => processors) as never as {
    pipeline: object;
    options: { a: object };
  }[];
  expect(a?.pipeline).toBe(b?.pipeline);
  expect(b?.options.a).toBe(a);
});

test("definitions made by another copy of the package are recognised", async () => {
  const loaded = await load({
    "pipelines/a.ts": `export default { [Symbol.for("asp-toolkit.processor")]: "processor", name: "a", pipeline: [] };`,
  });
  expect(loaded.findings).toEqual([]);
  expect(names(loaded)).toEqual(["a"]);
});

test("types may be imported from anywhere, with or without saying so", async () => {
  const { findings } = await load({
    "pipelines/good.ts": `import type { A } from "left-pad";\nimport { B } from "right-pad";\nimport { type C } from "node:fs";\nexport type { D } from "x";\nconst x: A | B | C = 1 as never;\n${good}`,
  });
  expect(findings).toEqual([]);
});

const broken: Readonly<Record<string, readonly [text: string, finding: string]>> = {
  "does not parse": [
    "const a = 1;\nconst b = {\n  $c: 1;\n};",
    "ASP4051 pipelines/bad.ts:3:8 this module cannot be read: expected `,` or `}` but found `;`",
  ],
  "ends early": [
    "export default {",
    "ASP4051 pipelines/bad.ts:1:17 this module cannot be read: expected `}` but found `EOF`",
  ],
  throws: [
    "const é = { $a: 1 }; const s = '日本'; throw new TypeError('no');",
    "ASP4052 pipelines/bad.ts:1:44 this module fails while it is loaded: TypeError: no",
  ],
  "throws below": [
    "function f() {\n  return [{ $a: 1 }, null.x];\n}\nexport default [{ $b: f() }];",
    "ASP4052 pipelines/bad.ts:2:27 this module fails while it is loaded: TypeError: Cannot read properties of null (reading 'x')",
  ],
  "throws a text": ["throw 'no';", 'ASP4052 pipelines/bad.ts:1:1 this module fails while it is loaded: it throws "no"'],
  rejects: [
    "await Promise.reject(new Error('late'));",
    "ASP4052 pipelines/bad.ts:1:22 this module fails while it is loaded: late",
  ],
  "exports a plain object": [
    "\nexport default { name: 'a', pipeline: [] };",
    "ASP4053 pipelines/bad.ts:2:1 the default export is a plain object with `name`, `pipeline`, not a processor",
  ],
  "exports a function": [
    "const f = () => 1;\nexport { f as default };",
    "ASP4053 pipelines/bad.ts:2:10 the default export is a function, not a processor",
  ],
  "exports undefined": [
    "export default undefined;",
    "ASP4053 pipelines/bad.ts:1:1 the default export is undefined, not a processor",
  ],
  "exports a promise": [
    "export default Promise.resolve(1);",
    "ASP4053 pipelines/bad.ts:1:1 the default export is a promise, not a processor",
  ],
  "exports a wrong entry": [
    "export default [\n  { $a: 1 },\n];",
    "ASP4053 pipelines/bad.ts:2:3 entry 1 of the default export is a plain object with `$a`, not a processor",
  ],
  "imports nothing that is there": [
    "import { a } from './none.ts';\nexport const b = a;",
    "ASP4054 pipelines/bad.ts:1:19 there is no module `./none.ts`",
  ],
  "imports a package": [
    "import lodash from 'lodash';\nexport const b = lodash;",
    "ASP4055 pipelines/bad.ts:1:20 a pipeline module cannot import `lodash`",
  ],
  "imports a part of the package": [
    "import { given } from 'asp-toolkit/testing';\nexport const b = given;",
    "ASP4055 pipelines/bad.ts:1:23 a pipeline module cannot import `asp-toolkit/testing`",
  ],
  "imports Node": [
    "const a = 1;\nconst fs = await import('node:fs');",
    "ASP4055 pipelines/bad.ts:2:25 a pipeline module cannot import `node:fs`",
  ],
  "imports a wrong name": [
    "import { defineProcesor } from 'asp-toolkit';\nexport default defineProcesor({});",
    "ASP4058 pipelines/bad.ts:1:10 `asp-toolkit` exports no `defineProcesor`",
  ],
  "imports a wrong name of its own": [
    "const x = { a: 1 }; import { y } from './good.ts';\nexport const z = [x, y];",
    "ASP4058 pipelines/bad.ts:1:30 `pipelines/good.ts` exports no `y`",
  ],
};

test.each(Object.entries(broken))(
  "a module that %s is a finding, and the others are loaded",
  async (_, [text, expected]) => {
    const loaded = await load({
      "pipelines/bad.ts": text,
      "pipelines/good.ts": good,
      "pipelines/zz.ts": good.replace("good", "zz"),
    });
    expect(loaded.findings.map(shown)).toEqual([expected]);
    expect(names(loaded)).toEqual(["good", "zz"]);
  },
);

test.each(["", "// nothing", "globalThis.hasOwnProperty('a');"])(
  "a module that exports nothing is a helper, also beside a broken one: %j",
  async (text) => {
    const loaded = await load({
      "pipelines/good.ts": good,
      "pipelines/helper.ts": text,
      "pipelines/bad.ts": "throw 1;",
    });
    expect(loaded.findings.map(({ code }) => code)).toEqual(["ASP4052"]);
  },
);

test("all of them at once are all found", async () => {
  const files = Object.values(broken).map(([text], index) => [`pipelines/bad${index}.ts`, text] as const);
  const loaded = await load({ ...Object.fromEntries(files), "pipelines/good.ts": good });
  expect(loaded.findings).toHaveLength(files.length);
  expect(names(loaded)).toEqual(["good"]);
  // No file can be called like this, and that the name is a bad one is said by the compiler.
  const odd = await load({ "pipelines/orders.ts": good.replace('"good"', '"a/../b"') });
  expect(odd.findings.map(({ code }) => code)).not.toContain("ASP4057");
  expect(names(odd)).toEqual(["a/../b"]);
});

test("a broken helper is reported once, where it is broken, however many import it", async () => {
  const using = `import { x } from "../lib/helper.ts";\n${importing}export default defineProcessor({ name: x, pipeline: [] });`;
  for (const [text, code] of [
    ["export const x = ;", "ASP4051"],
    ["export const x = null.y;", "ASP4052"],
    ["import y from 'y'; export const x = y;", "ASP4055"],
  ] as const) {
    const loaded = await load({
      "lib/helper.ts": text,
      "pipelines/a.ts": using,
      "pipelines/b.ts": using,
      "pipelines/good.ts": good,
    });
    expect(loaded.findings.map((finding) => `${finding.code} ${finding.file}`)).toEqual([`${code} lib/helper.ts`]);
    expect(names(loaded)).toEqual(["good"]);
    expect(loaded.source("lib/helper.ts")).toBe(text);
  }
});

test("two processors of one name: a finding at each, naming the other's place", async () => {
  const { findings } = await load({
    "pipelines/good.ts": good,
    "pipelines/other.ts": `${importing}export default [defineProcessor({\n  name: "good",\n  pipeline: [] })];`,
  });
  expect(findings.map(shown)).toEqual([
    "ASP4056 pipelines/good.ts:2:34 two processors are named `good`",
    "ASP4056 pipelines/other.ts:3:3 two processors are named `good`",
  ]);
  expect(findings.map(({ notes }) => notes?.[0])).toEqual([
    "another one is at pipelines/other.ts:3:3",
    "another one is at pipelines/good.ts:2:34",
  ]);
});

test("a file named otherwise than its one processor is a warning", async () => {
  const loaded = await load({ "pipelines/orders.ts": good });
  expect(loaded.findings).toMatchObject([
    { code: "ASP4057", severity: "warning", file: "pipelines/orders.ts", line: 2, column: 34 },
  ]);
  expect(names(loaded)).toEqual(["good"]);
});

test.each([
  [{}, "there is no folder pipelines"],
  [{ "pipelines/README.md": "" }, "there is no module in pipelines"],
  [{ "pipelines/a.ts": "export const a = 1;" }, "no module in pipelines exports a processor"],
])("nothing to load is a finding: %j", async (files, message) => {
  expect((await load(files)).findings).toMatchObject([{ code: "ASP4050", severity: "error", message }]);
});

test("loading again sees the files as they are then", async () => {
  const cwd = await project({ "pipelines/good.ts": good });
  expect(names(await loadPipelines("pipelines", { cwd }))).toEqual(["good"]);
  await writeFile(join(cwd, "pipelines/good.ts"), good.replace("good", "better"));
  expect(names(await loadPipelines("pipelines", { cwd }))).toEqual(["better"]);
  const both = await Promise.all([loadPipelines("pipelines", { cwd }), loadPipelines("pipelines", { cwd })]);
  expect(both.map(names)).toEqual([["better"], ["better"]]);
});

test("nothing is left behind, also when a module fails", async () => {
  const temporary = await project({});
  vi.stubEnv("TMPDIR", temporary);
  const cwd = join(temporary, "project");
  await mkdir(join(cwd, "pipelines"), { recursive: true });
  await writeFile(join(cwd, "pipelines/good.ts"), `${good}throw new Error("no");`);
  expect((await loadPipelines("pipelines", { cwd })).findings).toHaveLength(1);
  expect(await readdir(temporary)).toEqual(["project"]);
  vi.unstubAllEnvs();
});

test("a mark at the start and Windows line ends do not move places", async () => {
  const text = `\ufeff${importing}const a = [\n  { $a: 1 }];\nexport default defineProcessor({ name: "good", pipeline: a });`;
  const loaded = await load({ "pipelines/good.ts": text.replaceAll("\n", "\r\n") });
  expect(at(loaded.at(only(loaded).pipeline[0] ?? {}))).toBe("pipelines/good.ts:3:3");
});

test("a project behind a link is loaded under its own names", async () => {
  const cwd = await project({ "real/pipelines/good.ts": good, "real/lib/linked.ts": good.replace("good", "linked") });
  await symlink(join(cwd, "real"), join(cwd, "link"));
  await symlink(join(cwd, "real/lib/linked.ts"), join(cwd, "real/pipelines/linked.ts"));
  const loaded = await loadPipelines("pipelines", { cwd: join(cwd, "link") });
  expect(loaded.findings).toEqual([]);
  expect(loaded.modules.map(({ file }) => file)).toEqual(["lib/linked.ts", "pipelines/good.ts"]);
});

test("the compiler options of the project do not matter", async () => {
  const { findings } = await load({
    "tsconfig.json": '{ "extends": "./nowhere.json", "compilerOptions": { "verbatimModuleSyntax": true, }, // broken',
    "pipelines/good.ts": good,
  });
  expect(findings).toEqual([]);
});

test("JSON may be imported, and is a finding where it is none", async () => {
  const using = (file: string): string =>
    `${importing}import data from "./${file}";\nexport default defineProcessor({ name: "good", pipeline: [data] });`;
  const files = { "pipelines/match.json": '{ "$match": { "a": 1 } }', "pipelines/bad.json": '{\n  "é": ,\n}' };
  const loaded = await load({
    ...files,
    "pipelines/good.ts": using("match.json"),
    "pipelines/other.ts": using("bad.json"),
  });
  expect(loaded.findings.map(({ file, line, column }) => `${file}:${line}:${column}`)).toEqual([
    "pipelines/bad.json:2:8",
  ]);
  expect(only(loaded).pipeline).toEqual([{ $match: { a: 1 } }]);
});

test("a module nested without end is a finding, not the end of the process", async () => {
  const nested = (levels: number): string => `export const a = ${"{a:".repeat(levels)}1${"}".repeat(levels)};`;
  const loaded = await load({
    "pipelines/good.ts": good,
    "pipelines/deep.ts": nested(490),
    "pipelines/deeper.ts": nested(100_000),
  });
  expect(loaded.findings.map(shown)).toEqual([
    "ASP4051 pipelines/deeper.ts:1:1518 this module cannot be read: it is nested more than 500 levels deep",
  ]);
});

test("a link that leads nowhere is no module", async () => {
  const cwd = await project({ "pipelines/good.ts": good });
  await symlink(join(cwd, "nowhere.ts"), join(cwd, "pipelines/dangling.ts"));
  const loaded = await loadPipelines("pipelines", { cwd });
  expect(loaded.findings).toEqual([]);
  expect(names(loaded)).toEqual(["good"]);
});

test("a full disk, or a folder that cannot be written to, is said as such", async () => {
  // Only a bundle is written.
  const cwd = await project({ "pipelines/good.ts": good, "pipelines/bad.ts": "export const x = ;", file: "" });
  vi.stubEnv("TMPDIR", join(cwd, "file"));
  await expect(loadPipelines("pipelines", { cwd })).rejects.toMatchObject({ name: "AspError", code: "ASP4059" });
  vi.unstubAllEnvs();
});

test("a broken module is one finding in a package of ES modules too, also for those who import from it", async () => {
  const loaded = await load({
    "package.json": '{ "type": "module" }',
    "pipelines/bad.ts": "export const x = ;",
    "pipelines/alone.ts": "export default ;",
    "pipelines/user.ts": 'import { x } from "./bad.ts";\nexport default x;\n',
    "pipelines/good.ts": good,
  });
  expect(loaded.findings.map(({ code, file }) => `${code} ${file}`)).toEqual([
    "ASP4051 pipelines/alone.ts",
    "ASP4051 pipelines/bad.ts",
  ]);
  expect(names(loaded)).toEqual(["good"]);
});

test("places can be left out, and are there all the same where there is a finding", async () => {
  const quick = async (files: Readonly<Record<string, string>>): Promise<LoadedProject> =>
    loadPipelines("pipelines", { cwd: await project(files), withoutPlaces: true });
  const fine = await quick({ "pipelines/good.ts": good });
  expect([fine.hasPlaces, fine.findings, names(fine)]).toEqual([false, [], ["good"]]);
  for (const files of [
    { "pipelines/other.ts": good },
    { "pipelines/good.ts": `${good}import "./data.json";`, "pipelines/data.json": "{}" },
    { "pipelines/good.ts": good, "pipelines/bad.ts": "throw new Error('no');" },
    { "pipelines/good.ts": good, "pipelines/bad.ts": "\nexport default {};" },
    { "pipelines/helper.ts": "export const a = 1;" },
    { "pipelines/README.md": "" },
  ]) {
    const found = await quick(files);
    const cwd = await project(files);
    const slow = await loadPipelines("pipelines", { cwd });
    expect(found.hasPlaces).toBe(true);
    expect(found.findings).toEqual(slow.findings);
    expect(names(found)).toEqual(names(slow));
  }
});

test("a processor that is only exported by a name is a warning, unless another module exports it by default", async () => {
  const made = (name: string): string => `defineProcessor({ name: "${name}", pipeline: [] })`;
  const cwd = await project({
    "pipelines/lost.ts": `import { defineProcessor } from "asp-toolkit";\nexport const lost = ${made("lost")};`,
    "pipelines/parts.ts": `import { defineProcessor } from "asp-toolkit";\nexport const part = ${made("part")};`,
    "pipelines/all.ts": 'import { part } from "./parts.ts";\nexport default [part];',
  });
  for (const withoutPlaces of [true, false]) {
    const { findings } = await loadPipelines("pipelines", { cwd, withoutPlaces });
    expect(
      findings.map(({ code, file, line, column, message }) => [code, `${file}:${line}:${column}`, message]),
    ).toEqual([["ASP4175", "pipelines/lost.ts:2:21", "`lost` is a processor that no module exports by default"]]);
  }
});
