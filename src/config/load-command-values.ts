import { execa } from "execa";
import { defineFinding } from "../diagnostics/define-finding.ts";
import type { Finding, Place } from "../diagnostics/finding.ts";
import { maskSecrets } from "../diagnostics/mask-secrets.ts";
import { commandKey, commandsIn, type Variables } from "./interpolate.ts";
import { splitCommand } from "./split-command.ts";

/** Documented in docs/errors/ASP6066.md. */
export const commandFailed = defineFinding<{ command: string; how: string; said: string }>("ASP6066", {
  severity: "error",
  message: ({ command, how }) => `the command \`${maskSecrets(command)}\` of the config ${how}`,
  notes: ({ said }) => (said === "" ? [] : [`it says: ${maskSecrets(said)}`]),
  help: "run it in a terminal, and correct it or what it needs",
});

export interface CommandOptions {
  /** The commands' own variables, and what was run already. */
  readonly env: Variables;
  readonly signal: AbortSignal;
  /** Where they run; default the folder of this process. */
  readonly cwd?: string;
  /** How long each may take, in milliseconds; default 30 seconds. */
  readonly timeoutMs?: number;
  /** Of what uses them, for findings. */
  readonly place?: Place | undefined;
}

/**
 * Runs the commands, `${exec:…}`, of the parts of a config that are about to be used, each once and all at the same time, without a
 * shell. What they print is never shown: it may be a secret.
 *
 * @returns the variables with what the commands have printed; those that stand there are not run again
 */
export async function loadCommandValues(
  used: unknown,
  { env, ...options }: CommandOptions,
): Promise<{ readonly env: Variables; readonly findings: readonly Finding[] }> {
  const commands = [...new Set(commandsIn(used))].filter((command) => env[commandKey(command)] === undefined);
  if (commands.length === 0) return { env, findings: [] };
  const results = await Promise.all(commands.map((command) => run(command, { env, ...options })));
  const printed = results.flatMap(({ value }, index) =>
    value === undefined ? [] : [[commandKey(commands[index] ?? ""), value] as const],
  );
  return {
    env: { ...env, ...Object.fromEntries(printed) },
    findings: results.flatMap(({ finding }) => finding ?? []),
  };
}

async function run(
  command: string,
  { env, signal, cwd, timeoutMs = 30_000, place }: CommandOptions,
): Promise<{ readonly value?: string; readonly finding?: Finding }> {
  const fail = (how: string, said = "") => ({
    finding: commandFailed(place === undefined ? {} : { place }, { command, how, said }),
  });
  const [file, ...args] = splitCommand(command) ?? [];
  if (file === undefined) return fail("has a quote that is not closed");
  signal.throwIfAborted();
  const result = await execa(file, args, {
    reject: false,
    timeout: timeoutMs,
    stdin: "ignore",
    env: ownVariables(env),
    extendEnv: false,
    cancelSignal: signal,
    ...(cwd !== undefined && { cwd }),
  });
  signal.throwIfAborted();
  const value = result.stdout?.trim() ?? "";
  const line = result.stderr?.trim().split("\n").at(-1)?.trim() ?? "";
  const said = value === "" ? line : line.replaceAll(value, "•");
  if (result.timedOut) return fail(`took longer than ${timeoutMs / 1000} s`, said);
  if (result.code === "ENOENT" || result.code === "EACCES") return fail("was not found, or may not be executed");
  if (result.exitCode !== undefined && result.exitCode !== 0)
    return fail(`ended with exit code ${result.exitCode}`, said);
  if (result.failed) return fail("ended before its time", said);
  return value === "" ? fail("printed nothing", said) : { value };
}

/** Without what other commands have printed. */
function ownVariables(env: Variables): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value === undefined || name.startsWith("exec:") ? [] : [[name, value]],
    ),
  );
}
