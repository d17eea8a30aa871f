import { readFileSync } from "node:fs";
import type { Places } from "./places.ts";
import { projectFile } from "./project-file.ts";
import { brokenModule, readModule } from "./read-module.ts";
import type { SourceModule } from "./read-module.ts";
import { toSourceText } from "./source-text.ts";

/** The modules of one load. */
export interface OpenModules {
  /** Reads and parses a module once; one that cannot be read is a broken one. */
  readonly open: (path: string) => SourceModule;
  /** By absolute path, whatever was read. */
  readonly modules: Map<string, SourceModule>;
}

export function createOpenModules(cwd: string, places: Places): OpenModules {
  const modules = new Map<string, SourceModule>();
  return {
    modules,
    open(path) {
      const known = modules.get(path);
      if (known !== undefined) return known;
      const module = readSource(path, projectFile(cwd, path), places);
      modules.set(path, module);
      return module;
    },
  };
}

function readSource(path: string, file: string, places: Places): SourceModule {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    return brokenModule(toSourceText(file, ""), { problem: cause instanceof Error ? cause.message : String(cause) }, 0);
  }
  return readModule(file, text, places);
}
