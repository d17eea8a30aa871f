import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createKeptModules } from "../../src/loader/kept-modules.ts";
import { createPlaces } from "../../src/loader/places.ts";
import { runTagged } from "../../src/loader/run-tagged.ts";
import { runUntagged } from "../../src/loader/run-untagged.ts";
import type { ModulesRun } from "../../src/loader/run-untagged.ts";
import { project } from "./project.ts";

const timeLimit = 10_000;

type Files = Readonly<Record<string, string>>;

/** What the modules export, functions by what they return. */
function valuesOf(run: ModulesRun | undefined): unknown {
  return run?.modules.map(({ exports }) => Object.keys(exports).map((name) => [name, plain(exports[name])]));
}

function plain(value: unknown): unknown {
  if (typeof value === "function") return /^class\b/.test(String(value)) ? "a class" : ["returns", plain(value())];
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.entries(value).map(([key, inner]) => [key, plain(inner)]);
}

async function runAll(files: Files) {
  const cwd = await project(files);
  const entries = Object.keys(files).map((file) => join(cwd, file));
  const tagged = (takesBundler: boolean): Promise<ModulesRun> => {
    return runTagged(entries, { cwd, places: createPlaces(), takesBundler, timeLimit });
  };
  let file: Buffer | undefined;
  const asKept = async (): Promise<ModulesRun | undefined> => {
    const kept = createKeptModules({ read: () => file, write: (bytes) => (file = bytes) });
    const run = await runUntagged(entries, { cwd, timeLimit, kept });
    kept.keep();
    return run;
  };
  return {
    untagged: await runUntagged(entries, { cwd, timeLimit }),
    kept: [await asKept(), await asKept()],
    tagged: await tagged(false),
    bundled: await tagged(true),
  };
}

const plainModules: Readonly<Record<string, Files>> = {
  "all kinds of exports": {
    "a.ts":
      "export const a = 1, { b, c: [d] } = { b: 2, c: [3] }; export function f() { return a; } export default [f()];",
    "b.ts": "const x = 1; let y = 2; export { x, y as z, x as default }; export class C {}",
    "c.mjs": "export default function () { return 1; }",
    "d.js":
      "export default class {}\nexport * as a from './a.ts';\nexport * from './b.ts';\nexport { b as e, default as g } from './a.ts';",
  },
  "all kinds of imports": {
    "a.ts": "export const one = 1; export default 2; export const three = () => 3;",
    "b.ts":
      "import two, { one, three as drei } from './a.ts'; import * as all from './a.js'; import './a.ts'; export const list = [one, two, drei(), all.one, { one }, ((one: number) => one)(5)];",
  },
  "types of all kinds": {
    "types.ts":
      "export interface A { a?: string }\nexport type B = A | string;\nexport type { A as C };\ndeclare const nowhere: number;\nexport declare function none(): void;",
    "a.ts": `import { A, type B } from "./types.ts";
import type { C } from "left-pad";
import { D } from "right-pad";
enum E { x = 3, y }
namespace N { export const n = 1; }
abstract class P<T> { constructor(private readonly p: T, protected q?: D) {} abstract get(): T; declare r: string; }
class Q extends P<number> implements A { a!: string; override get(): number { return 7; } }
function over(x: string): string; function over(x: number): number; function over(this: void, x: any) { return x; }
const generic = <T,>(x: T, y?: B): x is T & C => (x as unknown as boolean)!;
export default [E.y, N.n, new Q(1).get(), over(2), generic<number>(1), <number>3, { a: 1 } satisfies A, 1 + 2 as number];`,
  },
  "what could go wrong without types": {
    "a.ts":
      "const f = (x: number) => x\ntype T = number\nconst y = [1] as T[] | number[]\n;[2].map(f)\nexport const g = async <\nT>(x: T): Promise<{\n  a: T\n}> => ({ a: x })\nexport default y",
  },
  "bindings that change": {
    "a.ts":
      "export let n = 0; export const next = () => ++n; export function f() { return 1; } (f as unknown) = () => 2;",
    "b.ts": "import { n, next, f } from './a.ts'; next(); next(); export const seen = [n, f()]; export { n };",
  },
  "a circle": {
    "a.ts":
      "import { b } from './b.ts'; export const a = 1; export function later() { return [a, b()]; } export default b();",
    "b.ts": "import { later } from './a.ts'; export function b() { return typeof later; }",
    "self.ts": "import * as self from './self.ts'; export const x = 1; export default Object.keys(self);",
  },
  "all names at once": {
    "a.ts": "import * as names from './b.ts'; export default { ...names };",
    "b.ts": "export const z = 1, a = 2; export * from './c.ts'; export default 0;",
    "c.ts": "export const y = 1, b = 2;",
  },
  "what awaits": { "a.ts": "export const a = await Promise.resolve(1);", "b.ts": "export { a } from './a.ts';" },
  "run once, in order": {
    "b.ts": "import './x.ts'; import { log } from './log.ts'; log.push('b'); export default [...log];",
    "a.ts": "import { log } from './log.ts'; log.push('a'); export default [...log];",
    "x.ts": "import { log } from './log.ts'; log.push('x');",
    "log.ts": "export const log: string[] = [];",
  },
  "names that mean something": {
    "a.ts":
      "export const __proto__ = 1; const then = 2; export { then as 'a b' }; const exports = 3, require = 4, module = 5; export default [exports, require, module, typeof this];",
    "b.ts": "import { 'a b' as ab } from './a.ts'; export const x = ab;",
  },
  "comments at both ends": { "a.ts": "\ufeff// first\nexport default 1 // last" },
};

test.each(Object.entries(plainModules))("without a bundler it is the same as with it: %s", async (_, files) => {
  const { untagged, kept, tagged, bundled } = await runAll(files);
  expect(bundled.findings).toEqual([]);
  const expected = valuesOf(bundled);
  expect(valuesOf(untagged)).toEqual(expected);
  for (const run of kept) expect(valuesOf(run)).toEqual(expected);
  expect(valuesOf(tagged)).toEqual(expected);
});

test.each<readonly [string, Files]>([
  ["a package", { "a.ts": "import x from 'x'; export default x;" }],
  ["JSON", { "a.ts": "import x from './x.json'; export default x;", "x.json": "{}" }],
  ["no extension", { "a.ts": "import { x } from './b'; export default x;", "b.ts": "export const x = 1;" }],
  ["a module that is not there", { "a.ts": "import './b.ts';" }],
  ["a name that is not exported", { "a.ts": "import { x } from './b.ts'; export default x;", "b.ts": "" }],
  ["a name of the package that is not there", { "a.ts": "import { x } from 'asp-toolkit'; export default x;" }],
  [
    "one name from two",
    {
      "a.ts": "export * from './b.ts'; export * from './c.ts';",
      "b.ts": "export const x = 1;",
      "c.ts": "export const x = 2;",
    },
  ],
  ["an import while it runs", { "a.ts": "export default await import('./b.ts');", "b.ts": "" }],
  ["its own address", { "a.ts": "export default import.meta.url;" }],
  [
    "a function from further up in a circle",
    {
      "b.ts": "import { later } from './a.ts'; export function b() { return typeof later; }",
      "a.ts": "import { b } from './b.ts'; export function later() {} export default b();",
    },
  ],
  [
    "a module that looks like a promise",
    {
      "b.ts": "import { a } from './a.ts'; export default a;",
      "a.ts": "export const a = 1; export function then() {}",
    },
  ],
  ["an error", { "a.ts": "throw new Error('no');" }],
  ["an error below", { "a.ts": "import './b.ts';", "b.ts": "await 1; null.x;" }],
  ["a syntax error", { "a.ts": "export const x = ;" }],
  ["two of one name", { "a.js": "function f() {} function f() {}" }],
  ["too many levels", { "a.js": `export default ${"[".repeat(100_000)}${"]".repeat(100_000)};` }],
])("the bundler is needed for %s", async (_, files) => {
  const cwd = await project(files);
  expect(await runUntagged([join(cwd, Object.keys(files)[0] ?? "")], { cwd, timeLimit })).toBeUndefined();
});

test("the sample project runs without a bundler, and is the same", async () => {
  const folder = join(import.meta.dirname, "../../pipelines");
  const texts = await Promise.all(
    (await readdir(folder)).map(async (name) => [name, await readFile(join(folder, name), "utf8")] as const),
  );
  const { untagged, bundled } = await runAll(Object.fromEntries(texts));
  const shown = (run: ModulesRun | undefined): unknown =>
    run?.modules.map(({ file, exports }) => [file, JSON.stringify(exports["default"])]);
  expect(untagged).toBeDefined();
  expect(shown(untagged)).toEqual(shown(bundled));
});

test("values are what was written", async () => {
  const strings = fc.string({ unit: "binary", maxLength: 20 });
  const values = fc.array(
    fc.oneof(
      strings,
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.json().map((text): unknown => JSON.parse(text)),
    ),
    { minLength: 200 },
  );
  await fc.assert(
    fc.asyncProperty(values, async (value) => {
      const json = JSON.stringify(value);
      // In a literal, unlike in JSON, this key sets the prototype.
      fc.pre(!json.includes("__proto__"));
      const cwd = await project({ "a.ts": `export default ${json};` });
      const run = await runUntagged([join(cwd, "a.ts")], { cwd, timeLimit });
      expect(JSON.stringify(run?.modules[0]?.exports["default"])).toBe(JSON.stringify(JSON.parse(json)));
    }),
    { numRuns: 10 },
  );
});

test(
  "whatever imports from whatever, it is the same as with the bundler, or takes it",
  { timeout: 60_000 },
  async () => {
    const count = 4;
    const link = fc.record({
      to: fc.nat({ max: count - 1 }),
      kind: fc.constantFrom("named", "default", "all", "star", "again", "bare"),
    });
    const graphs = fc.array(fc.array(link, { maxLength: 3 }), { minLength: count, maxLength: count });
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(graphs, async (graph) => {
        const files = Object.fromEntries(graph.map((links, index) => [`m${index}.ts`, moduleText(index, links)]));
        const { untagged, bundled } = await runAll(files);
        if (untagged === undefined) return;
        compared++;
        expect(valuesOf(untagged)).toEqual(valuesOf(bundled));
      }),
      { numRuns: 25 },
    );
    expect(compared).toBeGreaterThan(0);
  },
);

function moduleText(index: number, links: readonly { readonly to: number; readonly kind: string }[]): string {
  const lines = links.map(({ to, kind }, place) => {
    const local = `l${place}`;
    const from = `from "./m${to}.ts";`;
    switch (kind) {
      case "named":
        return `import { f${to} as ${local} } ${from} export const u${index}_${place} = ${local}();`;
      case "default":
        return `import ${local} ${from} export const u${index}_${place} = ${local}.length;`;
      case "all":
        return `import * as ${local} ${from} export const u${index}_${place} = ${local}.f${to}();`;
      case "star":
        return `export * ${from}`;
      case "again":
        return `export { f${to} as g${index}_${place} } ${from}`;
      default:
        return `import "./m${to}.ts";`;
    }
  });
  return [...lines, `export function f${index}(): number { return ${index}; }`, `export default [${index}];`].join(
    "\n",
  );
}
