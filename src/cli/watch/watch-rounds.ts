import { defaultConfigFile } from "../../config/load-config.ts";
import { fixturesFolder } from "../../testing/case/find-cases.ts";
import { Interruption } from "../context.ts";
import type { CommandContext } from "../context.ts";
import { Exit } from "../exit.ts";
import type { Outcome } from "../outcome.ts";
import { whenAborted } from "../when-aborted.ts";
import { watchPaths } from "./watch-paths.ts";

/** What came of looking at the project once. */
export interface Round {
  /** All modules that were read; absent where there was no reading them. */
  readonly modules?: readonly string[];
  /** Says what came of it. */
  readonly now: () => Promise<void>;
}

/** The paths that have changed since the round before; undefined in the first one. */
export type Changes = ReadonlySet<string> | undefined;

/**
 * Looks at the project at once and after every change to a module, the config or a fixture, until it is interrupted.
 *
 * @param look one round; where it resolves to undefined it has been cut short by a change
 * @param cut aborts the signal of a round that is under way when something changes; default: a round comes to its end
 */
export async function watchRounds(
  look: (changes: Changes, signal: AbortSignal) => Promise<Round | undefined>,
  ctx: CommandContext,
  { cut = false }: { readonly cut?: boolean } = {},
): Promise<Outcome> {
  const { cwd, globals, signal } = ctx;
  const own = { cwd, trees: ["pipelines", fixturesFolder], files: [globals.config ?? defaultConfigFile] };
  const watch = watchPaths();
  const aborted = whenAborted(signal);
  ctx.progress(`watching ${[...own.trees, ...own.files].join(", ")}: Ctrl-C ends it`);
  // Modules may stand anywhere: which there are, a round tells.
  let modules: readonly string[] = [];
  const follow = (): Promise<void> => watch.follow({ ...own, files: [...own.files, ...modules] });
  let changes: Changes;
  try {
    while (!signal.aborted) {
      // Before reading, so that no change falls between the two.
      await follow();
      const change = watch.changed();
      const changed = new AbortController();
      if (cut) void change.then(() => changed.abort());
      const round = await look(changes, AbortSignal.any([signal, changed.signal]));
      modules = round?.modules ?? modules;
      await follow();
      await round?.now();
      const next = await Promise.race([change, aborted.then(() => new Set<string>())]);
      // What a round that was cut short was about is still to be looked at.
      if (round !== undefined) changes = next;
      else if (changes !== undefined) changes = new Set([...changes, ...next]);
    }
  } finally {
    watch.close();
  }
  const { reason } = signal;
  if (!(reason instanceof Interruption)) throw reason;
  ctx.progress(`ended by ${reason.signal}`);
  const exit = reason.signal === "SIGTERM" ? Exit.terminated : Exit.interrupted;
  return { text: "", json: undefined, jsonText: "", exit };
}
