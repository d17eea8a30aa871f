import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { arch } from "node:process";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";
import { crc32 } from "node:zlib";
import { cacheFolder } from "../mongod/sources/cache-folder.ts";
import { isCheck } from "./checks.ts";
import { findCommand } from "./find-command.ts";
import { keepFile, readKept } from "./keep-file.ts";
import { createKeptModules, type KeptModules } from "../loader/kept-modules.ts";
import type { LoadedCode, Runtime } from "./load-code.ts";

type CodeFunction = (
  exports: object,
  require: NodeJS.Require,
  module: { readonly exports: LoadedCode["code"] },
  url: string,
  importModule: (specifier: string) => Promise<unknown>,
) => void;

/**
 * Loads the commands as built, with what V8 made of them when a command of that name last ran: nothing is parsed that was called
 * then. What is kept holds for this code alone, and V8 refuses what another version of it made, or the same with other flags.
 */
export async function loadCode(argv: readonly string[], { env, node, cwd }: Runtime): Promise<LoadedCode> {
  const command = findCommand(argv).name ?? "";
  const url = new URL(`./code/${isCheck(command) ? "checks" : "asp"}.js`, import.meta.url);
  const filename = fileURLToPath(url);
  const source = readFileSync(filename);
  // Node's own word for whoever wants none of it.
  const isOff = (env["NODE_DISABLE_COMPILE_CACHE"] ?? "") !== "" || !/^[a-z]+$/u.test(command);
  const folder = join(cacheFolder(env), "code");
  // A script made of what was kept goes by the name that it was kept with.
  const sum = crc32(source, crc32(filename)).toString(16);
  const name = `${command}-${sum}-${node}-${arch}`;
  const kept = isOff ? undefined : readKept(folder, name);
  const script = new Script(source.toString("latin1"), {
    filename,
    ...(kept === undefined ? {} : { cachedData: kept }),
  });
  const require = createRequire(filename);
  const module = { exports: {} as LoadedCode["code"] };
  const start = script.runInThisContext() as CodeFunction;
  // A script made of what was kept cannot import by itself.
  const importModule = (specifier: string): Promise<unknown> => import(specifier);
  start(module.exports, require, module, url.href, importModule);
  const isNeeded = !isOff && (kept === undefined || script.cachedDataRejected === true);
  const keptModules = isOff
    ? undefined
    : modulesIn(
        join(cacheFolder(env), "modules"),
        () => `${crc32(cwd).toString(16)}-${sum}-${transformVersion(require)}-${node}-${arch}`,
      );
  return {
    code: module.exports,
    ...(keptModules && { keptModules }),
    // After it has run, it holds what was compiled meanwhile.
    keep: () => {
      if (isNeeded) keepFile(folder, name, script.createCachedData());
      keptModules?.keep();
    },
  };
}

/** The name is found out when modules are read: most commands read none. */
function modulesIn(folder: string, nameOf: () => string): KeptModules {
  return createKeptModules({
    read: () => readKept(folder, nameOf()),
    write: (bytes) => keepFile(folder, nameOf(), bytes),
  });
}

/** Of what takes the types out of modules: another version may make something else of them. */
function transformVersion(require: NodeJS.Require): string {
  const { version } = require("oxc-transform/package.json") as { readonly version: string };
  return version;
}
