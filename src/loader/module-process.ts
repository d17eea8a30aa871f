import { ownProcess } from "./own-process.ts";

/** Thrown where a pipeline module reaches for what only asp may do. */
export class ProcessRefused extends Error {
  /** As authors write it: `process.exit`. */
  readonly member: string;

  constructor(member: string) {
    super(`\`${member}\` is asp's own`);
    this.member = member;
  }
}

/** By the path of their holder: what ends the process, changes it for everyone, or hears what is asp's to hear; stdout is the command's. */
const refused: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [
    "process",
    new Set([
      ...["exit", "reallyExit", "abort", "kill", "_kill", "chdir", "dlopen", "send", "disconnect"],
      ...["setuid", "setgid", "seteuid", "setegid", "setgroups", "initgroups"],
      ...["on", "once", "addListener", "prependListener", "prependOnceListener", "emit"],
      ...["off", "removeListener", "removeAllListeners", "setUncaughtExceptionCaptureCallback"],
      // Modules import no modules of Node's.
      ...["getBuiltinModule", "binding", "_linkedBinding"],
    ]),
  ],
  ["process.stdout", new Set(["write", "end", "destroy"])],
  ["process.stderr", new Set(["end", "destroy"])],
]);

/**
 * What `process` is to a pipeline module: it can be read, and not acted on. A module is run inside asp's own process, and neither
 * its end nor what it prints is a module's to decide.
 */
export function createModuleProcess(): NodeJS.Process {
  return readOnly(ownProcess, "process");
}

function readOnly<Value extends object>(value: Value, name: string): Value {
  return new Proxy(value, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target);
      const path = `${name}.${String(key)}`;
      if (refused.get(name)?.has(String(key)) === true) {
        return () => {
          throw new ProcessRefused(path);
        };
      }
      return refused.has(path) && typeof member === "object" && member !== null ? readOnly(member, path) : member;
    },
    set(target, key, to) {
      // A stream's own methods keep their state in it.
      if (name !== "process") return Reflect.set(target, key, to);
      throw new ProcessRefused(`${name}.${String(key)}`);
    },
  });
}
