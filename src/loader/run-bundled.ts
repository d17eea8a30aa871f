import type { Finding, Place } from "../diagnostics/finding.ts";
import { bundleModules } from "./bundle-modules.ts";
import { Refusal, evaluateModules, openHost, placeOfStack, temporaryFolder } from "./evaluate-modules.ts";
import { ProcessRefused, createModuleProcess } from "./module-process.ts";
import type { OpenModules } from "./open-modules.ts";
import type { Places } from "./places.ts";
import { neverEnds, neverLoaded, processRefused, threwOnLoad, uncaughtInModule } from "./run-findings.ts";
import type { Exports } from "./run-unbundled.ts";
import { tagName, waitName } from "./tag-places.ts";
import { uniqueFindings } from "../diagnostics/unique-findings.ts";

export interface Bundling {
  readonly cwd: string;
  readonly opened: OpenModules;
  readonly toolkit: Exports;
  readonly places: Places;
  /** Milliseconds for a module that waits. */
  readonly timeLimit: number;
}

/**
 * Bundles modules, runs all that can be run, and says what is wrong with the others. Undefined stands for what a module would
 * export that could not be run.
 */
export async function runBundled(
  entries: readonly string[],
  { cwd, opened, toolkit, places, timeLimit }: Bundling,
): Promise<{ readonly exports: readonly (Exports | undefined)[]; readonly findings: readonly Finding[] }> {
  const { tag, waits } = places;
  const refuse = (reason: string): Refusal => new Refusal(reason);
  const host = openHost({ tag, wait: waits.wait, process: createModuleProcess(), toolkit, refuse });
  const outdir = temporaryFolder();
  try {
    const names = Object.keys(toolkit);
    const bundle = await bundleModules(entries, { cwd, outdir, opened, host: host.expression, exports: names });
    const { evaluated, uncaught, ended } = await evaluateModules(bundle, outdir, timeLimit);
    const findings: Finding[] = [];
    const startOf = (entry: number): Place => {
      return { file: opened.modules.get(entries[entry] ?? "")?.source.file ?? "", line: 1, column: 1 };
    };
    // A helper that throws does so for everyone who imports it, with one and the same error.
    const seen = new Set<unknown>();
    const explain = async (error: unknown, entry: number | undefined, finding: typeof threwOnLoad): Promise<void> => {
      if (error instanceof Refusal || seen.has(error)) return;
      seen.add(error);
      const stack = error instanceof Error ? (error.stack ?? "") : "";
      const place = (await placeOfStack(stack, bundle, outdir)) ?? (entry === undefined ? undefined : startOf(entry));
      const at = place === undefined ? {} : { place };
      if (error instanceof ProcessRefused) findings.push(processRefused(at, error));
      else findings.push(finding(at, { thrown: thrownText(error) }));
    };
    for (const [entry, result] of evaluated.entries()) {
      if (result.kind === "threw") await explain(result.error, entry, threwOnLoad);
    }
    for (const { error, entry } of uncaught) await explain(error, entry, uncaughtInModule);
    const endedIn = new Set<string | undefined>();
    for (const stack of ended) {
      const place = await placeOfStack(stack, bundle, outdir);
      endedIn.add(place?.file);
      findings.push(neverEnds(place === undefined ? {} : { place }, { timeLimit }));
    }
    const stalled = evaluated.flatMap((result, entry) => (result.kind === "stalled" ? [{ ...result, entry }] : []));
    const [first] = stalled;
    if (first !== undefined) {
      // Whoever imports a module that waits, or was ended, stalls with it: one place stands for all of them.
      const pending = waits.pending().filter(({ file }) => !endedIn.has(file));
      const waiting = pending.length > 0 || ended.length > 0 ? pending : [startOf(first.entry)];
      findings.push(...waiting.map((place) => neverLoaded({ place }, { stall: first.stall })));
    }
    return {
      exports: evaluated.map((result) => (result.kind === "done" ? result.exports : undefined)),
      findings: uniqueFindings([...bundle.findings, ...findings]),
    };
  } finally {
    host.close();
  }
}

function thrownText(error: unknown): string {
  if (!(error instanceof Error)) {
    return `it throws ${typeof error === "string" ? `"${error}"` : typeof error === "object" ? "an object" : String(error)}`;
  }
  // V8 quotes the expression that failed, tags included.
  const message = error.message.replaceAll(`${tagName}(...)`, "{…}").replaceAll(`${waitName}(...)`, "…");
  return error.name === "Error" ? message : `${error.name}: ${message}`;
}
