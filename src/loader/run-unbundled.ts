import { realpathSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { Script } from "node:vm";
import { hasLoop } from "./has-loop.ts";
import { hearUncaught } from "./hear-uncaught.ts";
import type { KeptModules } from "./kept-modules.ts";
import type { ModuleText } from "./to-javascript.ts";
import { untilStalled } from "./until-stalled.ts";
import type { ModuleWatch } from "./watch-modules.ts";

/** What a module exports; what is exported later, or changes, is seen by those who have it already. */
export type Exports = Readonly<Record<string, unknown>>;

/** What modules get from the running process. */
export interface Surroundings {
  /** Their code by path; throws where there is none, or it is broken. */
  readonly read: (path: string) => string;
  /** What their code may call beside what they import. */
  readonly globals: Readonly<Record<string, unknown>>;
  /** What `asp-toolkit` is to them. */
  readonly toolkit: Exports;
  /** Milliseconds for a module that waits. */
  readonly timeLimit: number;
  /** Of the last time; default: everything is made anew. */
  readonly kept?: KeptModules | undefined;
}

/**
 * Runs every entry, and once whatever it imports, without a bundler. Undefined as soon as anything is out of the ordinary:
 * an import that leads nowhere or elsewhere, a name that is not exported, an error of any kind, a module that waits too long. The
 * bundler, which is slower, then says what it is, and where.
 */
export async function runUnbundled(
  entries: readonly string[],
  surroundings: Surroundings,
): Promise<readonly Exports[] | undefined> {
  const { timeLimit } = surroundings;
  const uncaught = hearUncaught();
  let watch: Promise<ModuleWatch> | undefined;
  const startWatch = async (): Promise<ModuleWatch> => {
    const { watchModules } = await import("./watch-modules.ts");
    return watchModules(Math.min(timeLimit, quickMs));
  };
  try {
    const run = runAll(entries, surroundings, () => (watch ??= startWatch()));
    const [settled] = await untilStalled([run], timeLimit);
    if (settled === undefined || !("value" in settled)) return undefined;
    const lost = await uncaught.afterAll();
    return lost.length === 0 ? settled.value : undefined;
  } finally {
    (await watch)?.close();
    uncaught.close();
  }
}

/** Milliseconds for the loops of one module: the bundler, which can say where they are, gives them more. */
const quickMs = 1000;

async function runAll(
  entries: readonly string[],
  surroundings: Surroundings,
  watch: () => Promise<ModuleWatch>,
): Promise<readonly Exports[] | undefined> {
  try {
    const load = await createLoader(surroundings, entries, watch);
    const loaded: Exports[] = [];
    for (const path of entries) loaded.push(await load(path, new Set()));
    return loaded;
  } catch {
    return undefined;
  }
}

const globalProcess = /\bglobal(?:This)?\s*(?:\?\.|\.|\[\s*["'])\s*process\b/;

interface Started {
  readonly exports: Record<string, unknown>;
  readonly done: Promise<unknown>;
}

async function createLoader(
  { read, globals, toolkit, kept }: Surroundings,
  entries: readonly string[],
  watch: () => Promise<ModuleWatch>,
) {
  const compile = createCompiler(Object.keys(globals), kept);
  const looping = new Set<string>();
  const prepare = async (paths: readonly string[]): Promise<readonly ModuleFunction[]> => {
    const texts = paths.map((path) => ({ path, text: read(path) }));
    for (const { path, text } of texts) if (hasLoop(text)) looping.add(path);
    // Its name alone is ours to give; only the bundler finds it behind the global object.
    const taking = texts.find(({ text }) => globalProcess.test(text));
    if (taking !== undefined) throw new Error(`${taking.path} takes the process from the global object`);
    return compile(texts);
  };
  const all = await prepare(entries);
  const prepared = new Map(entries.map((path, index) => [path, all[index]]));
  const started = new Map<string, Started>();
  const running = new Set<Exports>();

  /** `above` are the modules that wait for this one: in a circle one of them is taken as far as it has come. */
  const load = async (path: string, above: ReadonlySet<string>): Promise<Exports> => {
    const known = started.get(path);
    if (known !== undefined) {
      if (!above.has(path)) await known.done;
      return sortNames(known.exports);
    }
    const exports: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    // It is known before it runs, for it may be in a circle.
    const done = Promise.resolve().then(async () => {
      const run = prepared.get(path) ?? (await prepare([path]))[0];
      if (run === undefined) throw new Error(`${path} has no code`);
      await start(path, run, exports, new Set([...above, path]));
    });
    started.set(path, { exports, done });
    await done;
    return sortNames(exports);
  };

  const start = async (
    path: string,
    run: ModuleFunction,
    exports: Record<string, unknown>,
    above: ReadonlySet<string>,
  ): Promise<void> => {
    const importModule: ImportModule = async (specifier, { importedNames = [] } = {}) => {
      const imported = specifier === "asp-toolkit" ? toolkit : await load(findModule(specifier, path), above);
      const missing = importedNames.find((name) => !(name in imported));
      if (missing !== undefined) throw new Error(`${specifier} exports no ${missing}`);
      return imported;
    };
    const exportEverything = (all: Exports): void => {
      // In a circle: what it will export is not known yet, and a bundler knows.
      if (running.has(all)) throw new Error("a module that is still running is exported whole");
      exportAll(exports, all);
    };
    if (looping.has(path)) {
      (await watch()).begin();
      await turn();
    }
    running.add(exports);
    await run(importModule, exports, exportEverything, ...Object.values(globals));
    running.delete(exports);
  };
  return load;
}

type ImportModule = (specifier: string, names?: { readonly importedNames?: readonly string[] }) => Promise<Exports>;
type ModuleFunction = (
  importModule: ImportModule,
  exports: object,
  exportAll: (all: Exports) => void,
  ...globals: readonly unknown[]
) => Promise<void>;

function createCompiler(globals: readonly string[], kept: KeptModules | undefined) {
  const compileAnew = async (modules: readonly ModuleText[]): Promise<readonly Script[]> => {
    if (modules.length === 0) return [];
    // It takes longer to load than many a project to run.
    const { toJavaScript } = await import("./to-javascript.ts");
    const made = toJavaScript(modules);
    return modules.map((module, index) => {
      const { code: body, parameters } = made[index] ?? { code: "", parameters: [] };
      // In a block, two functions of one name are refused as they are in a module.
      const code = `(async function(${[...parameters, ...globals].join(",")}){"use strict";{${body}\n}})`;
      const script = new Script(code, { filename: module.path });
      kept?.add({ ...module, code }, script);
      return script;
    });
  };
  return async (modules: readonly ModuleText[]): Promise<readonly ModuleFunction[]> => {
    const found = modules.map((module) => kept?.find(module));
    const anew = (await compileAnew(modules.filter((_, index) => found[index] === undefined))).values();
    const scripts = found.map((script) => script ?? anew.next().value);
    return scripts.map((script) => script?.runInThisContext() as ModuleFunction);
  };
}

function exportAll(exports: Record<string, unknown>, all: Exports): void {
  for (const name of Object.keys(all)) {
    if (name === "default") continue;
    // Its own, which comes first, or that of another, and then the name means neither.
    if (name in exports && exports[name] !== all[name]) throw new Error(`${name} is exported twice`);
    if (!(name in exports))
      Object.defineProperty(exports, name, { configurable: true, enumerable: true, get: () => all[name] });
  }
}

/** The names of a module come in the order of their letters, which is seen by who takes all of them as one object. */
function sortNames(exports: Record<string, unknown>): Exports {
  // Whoever awaits such a module would wait for what its `then` decides.
  if ("then" in exports) throw new Error("a module cannot be a promise");
  const names = Object.keys(exports);
  const sorted = names.toSorted();
  if (names.some((name, index) => name !== sorted[index])) {
    const properties = Object.getOwnPropertyDescriptors(exports);
    for (const name of sorted) {
      delete exports[name];
      Object.defineProperty(exports, name, properties[name] ?? {});
    }
  }
  return exports;
}

function findModule(specifier: string, importer: string): string {
  if (!/^\.\.?\/.*\.m?[tj]s$/.test(specifier)) throw new Error(`${specifier} is no module of the project`);
  const path = resolve(dirname(importer), specifier);
  // As TypeScript has it, `./a.js` may be what `a.ts` becomes.
  return realPath(path) ?? realPath(path.replace(/js$/, "ts")) ?? path;
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
