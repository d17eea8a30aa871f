import { defineFinding } from "../diagnostics/define-finding.ts";
import type { Finding, Place } from "../diagnostics/finding.ts";
import { maskSecrets } from "../diagnostics/mask-secrets.ts";
import { didYouMean } from "../diagnostics/suggest.ts";

/** Variables of the process, or of a fixture case; what commands have printed stands under {@link commandKey}. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Documented in docs/errors/ASP4006.md. */
export const missingVariable = defineFinding<{ name: string; isEmpty: boolean; known: readonly string[] }>("ASP4006", {
  severity: "error",
  message: ({ name, isEmpty }) => `the environment variable \`${name}\` is ${isEmpty ? "empty" : "not set"}`,
  help: ({ name, isEmpty, known }) =>
    (isEmpty ? undefined : didYouMean(name, known)) ?? `set \`${name}\`, or write a default: \`\${${name}:-default}\``,
});

/** Documented in docs/errors/ASP4007.md. */
export const malformedVariable = defineFinding<{ found: string }>("ASP4007", {
  severity: "error",
  message: ({ found }) => `\`${found}\` is not a variable`,
  notes: () => [
    "variables are written `${NAME}` or `${NAME:-default}`, names in letters, digits and `_`",
    "what a command prints is written `${exec:command and arguments}`",
  ],
  help: "correct it, or write `$${` for the characters `${` themselves",
});

/** Documented in docs/errors/ASP6067.md. */
export const commandNotRun = defineFinding<{ command: string }>("ASP6067", {
  severity: "error",
  message: ({ command }) => `\`\${exec:${maskSecrets(command)}}\` is not run here`,
  notes: () => ["commands are run for addresses, credentials and settings of connections, where a command uses those"],
  help: "write the value itself, or a variable: `${NAME}`",
});

/** Under which name {@link Variables} hold what a command has printed: no variable of a process can have it. */
export function commandKey(command: string): string {
  return `exec:${command.trim()}`;
}

/** Every command of the texts in a part of the config, as it stands there. */
export function commandsIn(value: unknown): readonly string[] {
  if (typeof value === "string") {
    return [...value.matchAll(reference)].flatMap(([, command]) => (command === undefined ? [] : [command.trim()]));
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(commandsIn);
}

/** True for what is wrong with a variable, which another environment or a fixture case may set. */
export function isAboutVariable({ code }: Finding): boolean {
  return code === missingVariable.code || code === malformedVariable.code;
}

export type Interpolated =
  | { readonly value: string; readonly finding?: undefined }
  | { readonly value?: undefined; readonly finding: Finding };

/**
 * A config value with its variables replaced; to be called where the value is used, not when the file is loaded.
 *
 * `${NAME}` is the variable's value, and an error where it is unset or empty (as secrets that a CI does not hand out are);
 * `${NAME:-default}` is the default then; `${exec:az account show}` what that command has printed; `$${` stands for `${`. A `$` without a brace is itself, as in the user name
 * `$ConnectionString`. What a variable holds is not interpolated again, and never part of a finding.
 */
export function interpolate(text: string, variables: Variables, place?: Place): Interpolated {
  const at = place === undefined ? {} : { place };
  let finding: Finding | undefined;
  const value = text.replace(reference, (whole, command?: string, name?: string, fallback?: string) => {
    if (whole === "$${") return "${";
    if (command !== undefined) {
      const printed = variables[commandKey(command)];
      if (printed === undefined) finding ??= commandNotRun(at, { command: command.trim() });
      return printed ?? "";
    }
    if (name === undefined) {
      finding ??= malformedVariable(at, { found: whole });
      return "";
    }
    const held = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (held !== undefined && held !== "") return held;
    if (fallback !== undefined) return fallback;
    finding ??= missingVariable(at, { name, isEmpty: held === "", known: Object.keys(variables) });
    return "";
  });
  return finding === undefined ? { value } : { finding };
}

/** An escape, a command, a well-formed variable, or anything else that begins like one (then without a name). */
const reference = /\$\$\{|\$\{exec:\s*([^\s}][^}]*)\}|\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}|\$\{[^}\s"']*\}?/g;
