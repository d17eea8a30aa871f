import { deserialize, serialize } from "node:v8";
import { Script } from "node:vm";
import type { ModuleText } from "./to-javascript.ts";

/** What was made of a module. */
interface MadeModule extends ModuleText {
  /** JavaScript, as it is run. */
  readonly code: string;
  /** V8's form of it. */
  readonly compiled: Buffer;
}

/** What was made of a project's modules, so that it need not be made again while their texts stay the same. */
export interface KeptModules {
  /** Undefined where its text is another one now. */
  readonly find: (module: ModuleText) => Script | undefined;
  /** What was made of a module that was not found. */
  readonly add: (module: Omit<MadeModule, "compiled">, script: Script) => void;
  /** Writes down what was added; to be called when modules have run, for V8 keeps those functions that were called. */
  readonly keep: () => void;
}

/** Where they are kept: bytes that come back as they were, or not at all. */
export interface ModulesFile {
  readonly read: () => Buffer | undefined;
  readonly write: (bytes: Buffer) => void;
}

/** Those in one file: whatever is not of this form is made again. */
export function createKeptModules(file: ModulesFile): KeptModules {
  let read: ReadonlyMap<string, MadeModule> | undefined;
  const used = new Map<string, MadeModule>();
  const added: { readonly module: Omit<MadeModule, "compiled">; readonly script: Script }[] = [];
  return {
    find: ({ path, text }) => {
      read ??= toModules(file.read());
      const found = read.get(path);
      if (found?.text !== text) return undefined;
      const { code, compiled } = found;
      const script = new Script(code, { filename: path, cachedData: compiled });
      // With other flags, or another V8: what it is made of is as good.
      if (script.cachedDataRejected === true) added.push({ module: { path, text, code }, script });
      else used.set(path, found);
      return script;
    },
    add: (module, script) => void added.push({ module, script }),
    keep: () => {
      if (added.length === 0) return;
      for (const { module, script } of added) {
        used.set(module.path, { ...module, compiled: script.createCachedData() });
      }
      file.write(serialize(used));
    },
  };
}

function toModules(bytes: Buffer | undefined): ReadonlyMap<string, MadeModule> {
  try {
    const value: unknown = bytes === undefined ? undefined : deserialize(bytes);
    return value instanceof Map ? (value as ReadonlyMap<string, MadeModule>) : new Map();
  } catch {
    return new Map();
  }
}
