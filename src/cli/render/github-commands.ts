import type { Finding, Severity } from "../../diagnostics/finding.ts";
import { printable } from "../../diagnostics/printable.ts";
import { sortFindings } from "../../diagnostics/sort-findings.ts";

const commands: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", info: "notice" };

/**
 * Findings as workflow commands, which GitHub Actions shows at their lines: one a line, by place.
 *
 * @param fromRoot the project's folder as seen from the root of the repository, `""` or ending with a slash
 */
export function renderGithubCommands(findings: readonly Finding[], fromRoot: string): string {
  return sortFindings(findings)
    .map((finding) => `::${commands[finding.severity]} ${properties(finding, fromRoot)}::${escapeData(text(finding))}`)
    .join("\n");
}

function properties({ code, file, line, column, length }: Finding, fromRoot: string): string {
  const known: readonly (readonly [string, string | number | undefined])[] = [
    ["file", file === undefined ? undefined : `${fromRoot}${file}`],
    ["line", line],
    ["col", column],
    // The last column that belongs to it.
    ["endColumn", column === undefined || length === undefined ? undefined : column + length - 1],
    ["title", code],
  ];
  return known
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${escapeProperty(String(value))}`)
    .join(",");
}

function text({ message, processor, notes = [], help }: Finding): string {
  const remarks = [
    ...(processor === undefined ? [] : [`processor: ${processor}`]),
    ...notes.map((note) => `note: ${note}`),
    ...(help === undefined ? [] : [`help: ${help}`]),
  ];
  return [message, ...remarks].map(printable).join("\n");
}

// Both as the runner reads them. Source: actions/toolkit, packages/core/src/command.ts.

function escapeData(value: string): string {
  return value.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(value: string): string {
  return escapeData(value).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
