import { mkdtemp, readFile, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { openHost } from "../../loader/evaluate-modules.ts";
import { importFile } from "../../loader/import-file.ts";
import { createModuleProcess } from "../../loader/module-process.ts";
import { guardWork } from "./guarded-work.ts";
import type { GuardedWork } from "./guarded-work.ts";

/** What a module under given/ may export by default: documents, or what makes them. */
type Exported = Iterable<unknown> | AsyncIterable<unknown> | (() => unknown);

/**
 * Bundles and imports a TypeScript module, and returns what opens its documents: anew each time it is called, in the same
 * order as long as the module is seeded. It runs inside asp's process, and neither the end of that nor stdout is a fixture's.
 *
 * @throws Error in words for the author when the module does not load or exports something else.
 */
export async function loadDocumentsModule(path: string): Promise<() => AsyncIterable<unknown>> {
  const exported = await importModule(path);
  if (!isExported(exported.value)) throw new Error(`its default export is ${describe(exported.value)}`);
  let first: Imported | undefined = exported;
  return async function* open(): AsyncGenerator<unknown> {
    // What can be walked only once (a generator object) comes from a module that is loaded again.
    const isFirst = first !== undefined;
    const imported: Imported = first ?? (await importModule(path));
    const { value, code } = imported;
    if (isOneShot(value)) first = undefined;
    else if (!isFirst) first = imported;
    const work = await guardWork(code);
    try {
      const made: unknown = typeof value === "function" ? await work.run(() => (value as () => unknown)()) : value;
      if (!isIterable(made)) throw new Error(`its default export returns ${describe(made)}`);
      yield* steps(made as Exported, work);
    } finally {
      work.close();
    }
  };
}

async function* steps(made: Exported, work: GuardedWork): AsyncGenerator<unknown> {
  if (Array.isArray(made)) {
    yield* made as readonly unknown[];
    return;
  }
  if (Symbol.asyncIterator in made) {
    const iterator = made[Symbol.asyncIterator]();
    yield* untilDone(async () => toStep(await iterator.next()), iterator, work);
    return;
  }
  const iterator = (made as Iterable<unknown>)[Symbol.iterator]();
  yield* untilDone(() => pull(iterator), iterator, work);
}

interface Step {
  readonly values: readonly unknown[];
  /** Undefined where more may follow. */
  readonly end?: { readonly error?: unknown };
}

/** So many at once of what takes no waiting, for a step costs more than a document. */
const pulled = 64;

function pull(iterator: Iterator<unknown>): Step {
  const values: unknown[] = [];
  try {
    while (values.length < pulled) {
      const result = iterator.next();
      if (result.done === true) return { values, end: {} };
      values.push(result.value);
    }
    return { values };
  } catch (error) {
    return { values, end: { error } };
  }
}

function toStep(result: IteratorResult<unknown>): Step {
  return result.done === true ? { values: [], end: {} } : { values: [result.value] };
}

async function* untilDone(
  next: () => Step | Promise<Step>,
  iterator: { readonly return?: () => unknown },
  work: GuardedWork,
): AsyncGenerator<unknown> {
  // What has failed or hangs cannot be asked to end.
  let isOpen = false;
  try {
    for (;;) {
      isOpen = false;
      const { values, end } = await work.run(next);
      isOpen = end === undefined;
      yield* values;
      if (end === undefined) continue;
      if ("error" in end) throw end.error;
      return;
    }
  } finally {
    if (isOpen) await iterator.return?.();
  }
}

interface Imported {
  /** The default export. */
  readonly value: unknown;
  readonly code: string;
}

async function importModule(path: string): Promise<Imported> {
  const folder = await mkdtemp(join(tmpdir(), "asp-given-"));
  const host = openHost({ process: createModuleProcess() });
  try {
    const bundle = join(folder, "given.mjs");
    await build({
      entryPoints: [path],
      outfile: bundle,
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
      logLevel: "silent",
      alias: { "asp-toolkit": ownEntry() },
      define: { process: "aspProcess" },
      // Packages in CommonJS ask for Node's own modules by `require`, which an ES module does not have.
      banner: {
        js: `import { createRequire as aspRequire } from "node:module"; const require = aspRequire(import.meta.url); const aspProcess = ${host.expression}.process;`,
      },
    }).catch((error: unknown) => {
      throw new Error(buildMessage(error), { cause: error });
    });
    const code = await readFile(bundle, "utf8");
    const work = await guardWork(code);
    try {
      const module = (await work.load(() => importFile(bundle))) as { readonly default?: unknown };
      return { value: module.default, code };
    } finally {
      work.close();
    }
  } finally {
    host.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The copy of asp that is running, so that nothing needs building or installing. */
function ownEntry(): string {
  const source = fileURLToPath(new URL("../../index.ts", import.meta.url));
  return existsSync(source) ? source : fileURLToPath(new URL("../../index.js", import.meta.url));
}

function buildMessage(error: unknown): string {
  const [first] = (error as { errors?: readonly { text: string; location?: { line: number } | null }[] }).errors ?? [];
  if (first === undefined) return error instanceof Error ? error.message : String(error);
  return first.location ? `${first.text} (line ${first.location.line})` : first.text;
}

function isExported(value: unknown): value is Exported {
  return typeof value === "function" || isIterable(value);
}

function isIterable(value: unknown): boolean {
  return typeof value === "object" && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value);
}

function isOneShot(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const sync = (value as { [Symbol.iterator]?: () => unknown })[Symbol.iterator]?.call(value);
  if (sync !== undefined) return sync === value;
  return (value as { [Symbol.asyncIterator]?: () => unknown })[Symbol.asyncIterator]?.call(value) === value;
}

function describe(value: unknown): string {
  if (value === undefined) return "missing";
  return value === null ? "null" : `of type ${typeof value}`;
}
