/** The commands, loaded. */
export interface LoadedCode {
  readonly code: typeof import("./code.ts");
  /** To be called once a command has ended as it should: has the next one start faster. */
  readonly keep: () => void;
}

/** Loads the commands from their source; the build has `load-kept-code.ts` in the place of this file. */
export async function loadCode(
  _argv: readonly string[],
  _runtime: { readonly env: Readonly<Record<string, string | undefined>>; readonly node: string },
): Promise<LoadedCode> {
  return { code: await import("./code.ts"), keep: () => undefined };
}
