import type { KeptModules } from "../loader/kept-modules.ts";

/** What is known of the process before anything is loaded. */
export interface Runtime {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Its version. */
  readonly node: string;
  readonly cwd: string;
}

/** The commands, loaded. */
export interface LoadedCode {
  readonly code: typeof import("./code.ts");
  /** Of the project in `cwd`; undefined where nothing is kept. */
  readonly keptModules?: KeptModules;
  /** To be called once a command has ended as it should: has the next one start faster. */
  readonly keep: () => void;
}

/** Loads the commands from their source; the build has `load-kept-code.ts` in the place of this file. */
export async function loadCode(_argv: readonly string[], _runtime: Runtime): Promise<LoadedCode> {
  return { code: await import("./code.ts"), keep: () => undefined };
}
