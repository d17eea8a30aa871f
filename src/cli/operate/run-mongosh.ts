import { resolve } from "node:path";
import { execa } from "execa";
import { AspError } from "../../diagnostics/asp-error.ts";
import type { CliContext } from "../context.ts";
import { Exit, type ExitCode } from "../exit.ts";

export interface MongoshOptions {
  /** A secret. */
  readonly uri: string;
  /** PEM file of authorities to trust. */
  readonly caFile?: string;
  readonly args: readonly string[];
}

/** The variable is gone before anything of the user's runs. */
const connect = "db = connect(process.env.ASP_SHELL_URI); delete process.env.ASP_SHELL_URI; undefined";

/**
 * Gives the terminal to mongosh, and waits until it ends.
 *
 * @throws AspError ASP6077 where there is no mongosh
 */
export async function runMongosh(
  { uri, caFile, args }: MongoshOptions,
  { env, cwd, signal, lendCtrlC }: CliContext,
): Promise<ExitCode> {
  const takeBack = lendCtrlC?.();
  try {
    const result = await execa(
      "mongosh",
      ["--nodb", "--quiet", "--eval", connect, ...(ends(args) ? [] : ["--shell"]), ...args],
      {
        cwd,
        env: { ...env, ASP_SHELL_URI: withAuthority(uri, caFile && resolve(cwd, caFile)) },
        extendEnv: false,
        stdio: "inherit",
        reject: false,
        cancelSignal: signal,
      },
    );
    signal.throwIfAborted();
    if (result.code === "ENOENT") {
      throw new AspError("ASP6077", "mongosh is not on the PATH", {
        help: "install it (https://www.mongodb.com/docs/mongodb-shell/install/), or add its folder to PATH",
      });
    }
    if (result.signal === "SIGINT") return Exit.interrupted;
    return result.exitCode === 0 ? Exit.ok : Exit.refused;
  } finally {
    takeBack?.();
  }
}

/** With a script or an expression mongosh ends by itself, unless it is asked to stay. */
function ends(args: readonly string[]): boolean {
  return args.some((arg) => /^(--eval|--file|-f)(=|$)|\.(js|cjs|mjs|mongodb)$/u.test(arg));
}

function withAuthority(uri: string, caFile: string | undefined): string {
  if (caFile === undefined || /[?&]tlsCAFile=/u.test(uri)) return uri;
  const hosts = /^[a-z+]+:\/\/[^/?]*/u.exec(uri)?.[0] ?? uri;
  const rest = uri.slice(hosts.length);
  const separator = rest === "" ? "/?" : rest.includes("?") ? "&" : "?";
  return `${uri}${separator}tlsCAFile=${encodeURIComponent(caFile)}`;
}
