import { randomUUID } from "node:crypto";
import { existsSync, realpathSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { SourceMap } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { AspError } from "../diagnostics/asp-error.ts";
import type { Place } from "../diagnostics/finding.ts";
import type { Bundle } from "./bundle-modules.ts";
import { hearUncaught } from "./hear-uncaught.ts";
import { hasLoop } from "./has-loop.ts";
import { importFile } from "./import-file.ts";
import { untilStalled } from "./until-stalled.ts";
import type { Settled, Stall } from "./until-stalled.ts";
import type { ModuleWatch } from "./watch-modules.ts";

/** What loaded code gets from the running process. */
export interface Host {
  readonly tag: (id: number, value: unknown) => unknown;
  readonly wait: (id: number, value: unknown) => Promise<unknown>;
  readonly process: NodeJS.Process;
  /** The running copy's own public surface, so that loaded modules and asp share every identity. */
  readonly toolkit: Readonly<Record<string, unknown>>;
  /** Made by a broken module in place of its exports; its finding exists already. */
  readonly refuse: (reason: string) => Refusal;
}

export class Refusal {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Where the host is handed over while modules load; each load has a name of its own. */
const slot = Symbol.for("asp-toolkit.loading");

/** Makes a host known to loaded code: `expression` finds it, until `close`. */
export function openHost(host: Host | Pick<Host, "process">): {
  readonly expression: string;
  readonly close: () => void;
} {
  const name = randomUUID();
  const shared = globalThis as { [slot]?: Map<string, object> };
  const hosts = (shared[slot] ??= new Map<string, object>());
  hosts.set(name, host);
  return {
    expression: `globalThis[Symbol.for("asp-toolkit.loading")].get("${name}")`,
    close: () => void hosts.delete(name),
  };
}

/** A folder for the bundle that is not there yet; a new name each time, since a module's address is loaded only once. */
export function temporaryFolder(): string {
  const folder = existsSync(tmpdir()) ? realpathSync(tmpdir()) : tmpdir();
  return join(folder, `asp-load-${randomUUID()}`);
}

export type Evaluated =
  | { readonly kind: "done"; readonly exports: Readonly<Record<string, unknown>> }
  | { readonly kind: "threw"; readonly error: unknown }
  | { readonly kind: "stalled"; readonly stall: Stall };

export interface EvaluatedModules {
  /** By entry. */
  readonly evaluated: readonly Evaluated[];
  /** What nobody caught, and the entry that was run then; none after all of them. */
  readonly uncaught: readonly { readonly error: unknown; readonly entry?: number }[];
  /** The stacks of what ran without an end. */
  readonly ended: readonly string[];
}

/** Runs every entry of a bundle from a file in `outdir`, which is removed afterwards, whatever happens. */
export async function evaluateModules(bundle: Bundle, outdir: string, timeLimit: number): Promise<EvaluatedModules> {
  const hearing = hearUncaught();
  const watch = await watchLoops(bundle, timeLimit);
  const ended: string[] = [];
  const noteEnded = (): void => {
    const stack = watch?.takeEnded();
    if (stack !== undefined) ended.push(stack);
  };
  const start = async (run: BundleExports["modules"][number]): Promise<Evaluated> => {
    if (watch !== undefined) {
      await turn();
      noteEnded();
      watch.begin();
    }
    return await evaluate(run);
  };
  try {
    const path = join(outdir, bundleName);
    await write(path, bundle.code);
    const { modules } = (await importFile(path)) as BundleExports;
    const evaluated: Evaluated[] = [];
    const uncaught: { readonly error: unknown; readonly entry?: number }[] = [];
    for (const [entry, run] of modules.entries()) {
      evaluated.push(...(await untilStalled([start(run)], timeLimit)).map(toEvaluated));
      for (const error of await hearing.afterTurn()) uncaught.push({ error, entry });
      if (evaluated.at(-1)?.kind === "stalled") break;
    }
    // Who comes after may wait for the one that stalled: they do so together, not one after the other.
    const others = modules.slice(evaluated.length).map(start);
    evaluated.push(...(await untilStalled(others, timeLimit)).map(toEvaluated));
    for (const error of await hearing.afterAll()) uncaught.push({ error });
    noteEnded();
    return { evaluated, uncaught, ended };
  } finally {
    watch?.close();
    hearing.close();
    // Where it could not be made there is nothing to remove.
    await rm(outdir, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Loads nothing where no module has a loop. */
async function watchLoops({ modules }: Bundle, timeLimit: number): Promise<ModuleWatch | undefined> {
  if (![...modules.values()].some(({ source }) => hasLoop(source.text))) return undefined;
  const { watchModules } = await import("./watch-modules.ts");
  return watchModules(timeLimit);
}

async function write(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const help = "make room there, or name another folder for temporary files with `TMPDIR`";
    throw new AspError("ASP4059", `the pipeline modules cannot be prepared for loading: ${reason}`, { help, cause });
  }
}

const bundleName = "pipelines.mjs";

interface BundleExports {
  readonly modules: readonly (() => Promise<Readonly<Record<string, unknown>>>)[];
}

async function evaluate(run: BundleExports["modules"][number]): Promise<Evaluated> {
  try {
    return { kind: "done", exports: await run() };
  } catch (error) {
    return { kind: "threw", error };
  }
}

function toEvaluated(settled: Settled<Evaluated>): Evaluated {
  return "value" in settled ? settled.value : { kind: "stalled", stall: settled.stall };
}

/** The innermost frame of a stack that lies in the user's own modules, where its author can edit. */
export async function placeOfStack(stack: string, bundle: Bundle, outdir: string): Promise<Place | undefined> {
  for (const [, location = "", line = "1", column = "1"] of stack.matchAll(
    /((?:file:\/\/)?\/[^\s()]*?):(\d+):(\d+)/g,
  )) {
    const path = location.startsWith("file:") ? fileURLToPath(location) : location;
    if (path !== join(outdir, bundleName)) continue;
    const place = originalPlace(bundle, await bundle.map(), outdir, { line: Number(line), column: Number(column) });
    if (place !== undefined) return place;
  }
  return undefined;
}

function originalPlace(
  { modules }: Bundle,
  map: string,
  outdir: string,
  { line, column }: { readonly line: number; readonly column: number },
): Place | undefined {
  const entry = new SourceMap(JSON.parse(map)).findEntry(line - 1, column - 1);
  if (!("originalSource" in entry)) return undefined;
  const module = modules.get(resolve(outdir, entry.originalSource));
  return module?.source.placeBefore(module.insertions, entry.originalLine + 1, entry.originalColumn);
}
