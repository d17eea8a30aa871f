import { mkdtemp, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { importFile } from "../../loader/import-file.ts";

/** What a module under given/ may export by default: documents, or what makes them. */
type Exported = Iterable<unknown> | AsyncIterable<unknown> | (() => unknown);

/**
 * Bundles and imports a TypeScript module, and returns what opens its documents: anew each time it is called, in the same
 * order as long as the module is seeded.
 *
 * @throws Error in words for the author when the module does not load or exports something else.
 */
export async function loadDocumentsModule(path: string): Promise<() => AsyncIterable<unknown>> {
  const exported = await importModule(path);
  if (!isExported(exported)) throw new Error(`its default export is ${describe(exported)}`);
  let first: Exported | undefined = exported;
  return async function* open(): AsyncGenerator<unknown> {
    // What can be walked only once (a generator object) comes from a module that is loaded again.
    const isFirst = first !== undefined;
    const value: unknown = first ?? (await importModule(path));
    if (isOneShot(value)) first = undefined;
    else if (!isFirst) first = value as Exported;
    const made: unknown = typeof value === "function" ? await (value as () => unknown)() : value;
    if (!isIterable(made)) throw new Error(`its default export returns ${describe(made)}`);
    yield* made as Iterable<unknown>;
  };
}

async function importModule(path: string): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), "asp-given-"));
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
      // Packages in CommonJS ask for Node's own modules by `require`, which an ES module does not have.
      banner: {
        js: 'import { createRequire as aspRequire } from "node:module"; const require = aspRequire(import.meta.url);',
      },
    }).catch((error: unknown) => {
      throw new Error(buildMessage(error), { cause: error });
    });
    const module = (await importFile(bundle)) as { readonly default?: unknown };
    return module.default;
  } finally {
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
