/**
 * Builds `dist`: types by tsc, code by esbuild, which joins the many small modules so that a command starts fast.
 *
 * The folder is never emptied first: a build may run while something else uses the last one.
 */
import { chmodSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Ajv, AnySchema, AnySchemaObject } from "ajv";
import standaloneCode from "ajv/dist/standalone/index.js";
import { build, transformSync } from "esbuild";
import type { BuildOptions, Metafile, Plugin, PluginBuild } from "esbuild";
import { execaNode } from "execa";
import { checkedSchemas } from "../src/compiler/checked-schemas.ts";
import { createStageAjv } from "../src/compiler/compile-schema.ts";
import { isCheck } from "../src/cli/checks.ts";
import { configSchema } from "../src/config/config-schema.ts";
import { createConfigAjv } from "../src/config/config-validator.ts";
import { renderStageDeclarations } from "./stage-declarations.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");

/**
 * What is taken into the chunks: a package that is imported whole and mostly unused, what compiled validators call, and what
 * every command needs and is many files. Every other package stays one.
 */
const bundled = ["@sinclair/typebox", "ajv/dist/runtime", "commander", "yaml"];

/** What every command needs and its users do not meet: as a package it is parsed at each start. */
const bundledInCommand = ["bson"];

/** esbuild reads patterns as Go does, which knows no `u` flag. */
const goPattern = (pattern: string): RegExp => new RegExp(pattern, "");

/** CommonJS that stays a package: `require` takes it as it is, `import` first reads it through for the names that it exports. */
const required = ["esbuild"];

const keepPackages = (taken: readonly string[]): Plugin => ({
  name: "keep-packages",
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: goPattern("^[^./]") }, ({ path, importer, kind }) => {
      // Its ES modules, of which esbuild takes what is used; those for Node are CommonJS, and would be taken whole.
      if (path === "yaml") return { path: join(root, "node_modules/yaml/browser/dist/index.js") };
      if (required.includes(path) && kind === "import-statement") return { path, namespace: "required" };
      // It is there for programs below a command, of which asp has none, and takes longer to load than the rest of commander.
      if (path === "node:child_process" && /[\\/]commander[\\/]/u.test(importer)) return { path, namespace: "lazy" };
      const isBundled = taken.some((name) => path === name || path.startsWith(`${name}/`));
      return isBundled || importer.includes("node_modules") || path.includes(":\\")
        ? undefined
        : { path, external: true };
    });
    onLoad({ filter: goPattern(""), namespace: "required" }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
    onLoad({ filter: goPattern(""), namespace: "lazy" }, () => ({
      contents: 'exports.spawn = (...args) => require("node:child_process").spawn(...args);',
    }));
  },
});

/** Validators as the code that ajv makes of their schemas, instead of ajv making it at each start. */
const compileValidators: Plugin = {
  name: "compile-validators",
  setup: ({ onLoad }) => {
    onLoad({ filter: goPattern("config[\\\\/]config-validator\\.ts$") }, () => ({
      contents: toCode(createConfigAjv({ source: true, esm: true, optimize: true }), {
        validateConfig: withDefinitions(configSchema),
      }),
      loader: "js",
      resolveDir: root,
    }));
    onLoad({ filter: goPattern("compiler[\\\\/]compile-schema\\.ts$") }, ({ path }) => {
      const named = checkedSchemas.map((schema, index) => [`checked${index}`, schema] as const);
      const contents = [
        'import { checkedSchemas } from "./checked-schemas.ts";',
        'import { acceptsKind } from "./kinds.ts";',
        toCode(createStageAjv({ source: true, esm: true, optimize: true }), Object.fromEntries(named)),
        `const validators = [${named.map(([name]) => name).join(", ")}];`,
        "export const compileSchema = (schema) => validators[checkedSchemas.indexOf(schema)];",
      ].join("\n");
      return { contents, loader: "js", resolveDir: dirname(path) };
    });
  },
};

/**
 * The schema with every mapping inside it as a definition, which becomes a function of its own: V8 compiles only those that
 * a config calls for, and a mapping that stands in two places is there once.
 */
function withDefinitions(schema: AnySchemaObject): AnySchemaObject {
  const definitions: Record<string, unknown> = {};
  const names = new Map<unknown, string>();
  const hoistAll = (value: object): object =>
    Array.isArray(value)
      ? value.map(hoist)
      : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hoist(inner)]));
  const hoist = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (!("type" in value && value.type === "object")) return hoistAll(value);
    const name = names.get(value) ?? `mapping${names.size}`;
    if (!names.has(value)) {
      names.set(value, name);
      definitions[name] = hoistAll(value);
    }
    return { $ref: `#/definitions/${name}` };
  };
  return { ...hoistAll(schema), definitions };
}

/** A module that exports the validators of schemas by these names. Nobody reads them, and a third of what a command parses at its start would be their white space. */
function toCode(ajv: Ajv, schemas: Readonly<Record<string, AnySchema>>): string {
  for (const [name, schema] of Object.entries(schemas)) ajv.addSchema(withoutTexts(schema), name);
  const names = Object.fromEntries(Object.keys(schemas).map((name) => [name, name]));
  const code = (standaloneCode as unknown as (ajv: Ajv, references: Record<string, string>) => string)(ajv, names);
  return transformSync(code, { format: "esm", minifySyntax: true, minifyWhitespace: true }).code;
}

/** A schema as findings need it: they quote no description, and each stands in the code of its validator. */
function withoutTexts(schema: AnySchema): AnySchema {
  const text = JSON.stringify(schema, (key, value: unknown) =>
    key === "description" && typeof value === "string" ? undefined : value,
  );
  return JSON.parse(text) as AnySchema;
}

/** What is taken in and is CommonJS asks for parts of Node with `require`, which an ES module does not have. */
const requireForCommonJs = [
  'import { createRequire as __createRequire } from "node:module";',
  "const require = __createRequire(import.meta.url);",
].join("\n");

async function buildTypes(): Promise<boolean> {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const args = ["-p", join(root, "tsconfig.build.json"), "--emitDeclarationOnly"];
  const { exitCode } = await execaNode(tsc, args, { stdio: "inherit", reject: false, nodeOptions: [] });
  // Nobody's type check should work out again what the schemas of the stages mean.
  writeFileSync(join(dist, "stages/index.d.ts"), renderStageDeclarations());
  return exitCode === 0;
}

const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  // White space is a tenth of what a command parses at its start; names stay for whoever reads a stack.
  minifyWhitespace: true,
  logLevel: "warning",
} satisfies BuildOptions;

/** What is imported: ES modules, which share what they have in common. */
async function buildLibrary(): Promise<Metafile> {
  const { metafile } = await build({
    ...shared,
    entryPoints: { index: "src/index.ts", "testing/index": "src/testing/index.ts" },
    splitting: true,
    format: "esm",
    outdir: dist,
    // Two folders deep, as the sources are: what they look for beside the package is in the same place for both.
    chunkNames: "testing/chunks/[name]-[hash]",
    metafile: true,
    banner: { js: requireForCommonJs },
    plugins: [keepPackages(bundled), compileValidators],
  });
  return metafile;
}

/**
 * What is run. CommonJS, for which Node starts no loader of ES modules; and all commands in a script, since V8 keeps what it compiled
 * only for one (`src/cli/load-kept-code.ts`, which calls the function that it is).
 */
async function buildCommand(): Promise<readonly Metafile[]> {
  const codes = await Promise.all([
    buildCode("asp", []),
    // Half of the whole is what touches servers, and all of a script is read at every start.
    buildCode("checks", [{ name: "checks", setup: keepChecks }]),
  ]);
  const main = await build({
    ...asCommonJs,
    entryPoints: ["src/cli/main.ts"],
    outfile: join(dist, "cli/main.js"),
    metafile: true,
    banner: { js: 'const __ownUrl=require("node:url").pathToFileURL(__filename).href;' },
    plugins: [{ name: "load-kept", setup: loadKeptCode }],
  });
  writeFileSync(join(dist, "cli/package.json"), '{ "type": "commonjs" }\n');
  return [main.metafile, ...codes];
}

async function buildCode(name: string, plugins: readonly Plugin[]): Promise<Metafile> {
  const { metafile } = await build({
    ...asCommonJs,
    entryPoints: ["src/cli/code.ts"],
    outfile: join(dist, `cli/code/${name}.js`),
    metafile: true,
    // It is read as bytes.
    charset: "ascii",
    banner: { js: "(function(exports,require,module,__ownUrl,__import){" },
    footer: { js: "})" },
    plugins: [
      ...plugins,
      keepPackages([...bundled, ...bundledInCommand]),
      compileValidators,
      { name: "import", setup: takeImport },
    ],
  });
  return metafile;
}

const asCommonJs = { ...shared, format: "cjs", define: { "import.meta.url": "__ownUrl" } } as const;

function takeImport({ onLoad }: PluginBuild): void {
  onLoad({ filter: goPattern("loader[\\\\/]import-file\\.ts$") }, () => ({
    contents: [
      'import { pathToFileURL } from "node:url";',
      "export const importFile = (path) => __import(pathToFileURL(path).href);",
    ].join("\n"),
  }));
  // Packages that are loaded when they are needed: a script that V8 has kept cannot import them by itself.
  onLoad({ filter: goPattern("[\\\\/]src[\\\\/].*\\.ts$") }, ({ path }) => {
    const source = readFileSync(path, "utf8");
    const contents = source.replaceAll(/\bawait import\("(?=[^."])/gu, 'await __import("');
    return contents === source ? undefined : { contents, loader: "ts", resolveDir: dirname(path) };
  });
}

/** Leaves out the commands that are not in the other file. */
function keepChecks({ onLoad }: PluginBuild): void {
  onLoad({ filter: goPattern("cli[\\\\/]command-table\\.ts$") }, ({ path }) => {
    const lines = readFileSync(path, "utf8").split("\n");
    const isOther = (line: string): boolean => {
      const name = /^ {2}([a-z]+): \(\) => import\(/u.exec(line)?.[1];
      return name !== undefined && !isCheck(name);
    };
    return { contents: lines.filter((line) => !isOther(line)).join("\n"), loader: "ts", resolveDir: dirname(path) };
  });
}

function loadKeptCode({ onResolve }: PluginBuild): void {
  onResolve({ filter: goPattern("/load-code\\.ts$") }, () => ({ path: join(root, "src/cli/load-kept-code.ts") }));
}

/** What is taken into the build keeps its licence. */
function writeLicences(inputs: readonly string[]): void {
  const used = [...bundled, ...bundledInCommand].filter((name) =>
    inputs.some((input) => input.includes(`node_modules/${name}/`)),
  );
  const texts = used.map((path) => {
    const name = path.replace(/^((?:@[^/]+\/)?[^/]+).*$/u, "$1");
    const folder = join(root, "node_modules", name);
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/iu.test(entry));
    return `${name}\n\n${file === undefined ? "" : readFileSync(join(folder, file), "utf8")}`;
  });
  writeFileSync(join(dist, "THIRD-PARTY-LICENSES.txt"), texts.join("\n\n"));
}

function removeStale(outputs: readonly string[]): void {
  for (const name of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
    const path = join(dist, name);
    const isStaleCode = name.endsWith(".js") && !outputs.includes(`dist/${name.replaceAll("\\", "/")}`);
    const isStaleType = name.endsWith(".d.ts") && !existsSync(join(root, "src", name.replace(/\.d\.ts$/u, ".ts")));
    if (isStaleCode || isStaleType) rmSync(path);
  }
}

if (await buildTypes()) {
  const metafiles = [await buildLibrary(), ...(await buildCommand())];
  const inputs = metafiles.flatMap((metafile) => Object.keys(metafile.inputs));
  const outputs = metafiles.flatMap((metafile) => Object.keys(metafile.outputs));
  writeLicences(inputs);
  removeStale(outputs);
  chmodSync(join(dist, "cli/main.js"), 0o755);
} else {
  process.exitCode = 1;
}
