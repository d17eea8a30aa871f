import type { Finding, PipelinePath, Severity } from "./finding.ts";
import { maskSecrets } from "./mask-secrets.ts";
import { printable, printableLine } from "./printable.ts";
import { sortFindings } from "./sort-findings.ts";
import { textWidth } from "./text-width.ts";

export interface RenderOptions {
  /** The text of a file that a finding names, or undefined when it cannot be read. */
  readonly source?: (file: string) => string | undefined;
  readonly color: boolean;
}

/**
 * One finding as a good compiler shows it; several lines, no line end after the last.
 *
 * @example
 * error[ASP2003]: `$merge` must be the last stage
 *   --> pipelines/orders.ts:18:5          orders › stage 2 ($merge)
 *    |
 * 18 |     { $merge: { into: { connectionName: "atlas", db: "shop", coll: "orders" } } },
 *    |     ^^^^^^^^
 *    = note: these stages would never see a document: $addFields
 *    = help: move the sink to the end, or split the pipeline into two processors
 *    = more: asp explain ASP2003
 */
export function renderFinding(finding: Finding, options: RenderOptions): string {
  const style = options.color ? colored : plain;
  const line = sourceLine(finding, options.source);
  const gutter = " ".repeat(Math.max(2, String(finding.line ?? "").length));
  const paint = severityStyle[finding.severity];
  const where = [place(finding), address(finding, line)].filter((text) => text !== "");
  const remark = (word: string, text: string): string =>
    `${gutter} ${style("blue", "=")} ${style("bold", `${word}:`)} ${printable(text)}`;
  return [
    `${style(paint, `${finding.severity}[${finding.code}]`)}${style("bold", `: ${printable(finding.message)}`)}`,
    ...(where.length === 0 ? [] : [`${gutter}${style("blue", "-->")} ${where.join(" ".repeat(10))}`]),
    ...(line === undefined ? [] : snippet(finding, line, { gutter, style, paint })),
    ...(finding.notes ?? []).map((note) => remark("note", note)),
    ...(finding.help === undefined ? [] : [remark("help", finding.help)]),
    remark("more", `asp explain ${finding.code}`),
  ].join("\n");
}

/** All findings by place, an empty line between them, and a closing line that counts them; "" when there are none. */
export function renderFindings(findings: readonly Finding[], options: RenderOptions): string {
  if (findings.length === 0) return "";
  const style = options.color ? colored : plain;
  const blocks = sortFindings(findings).map((finding) => renderFinding(finding, options));
  return [...blocks, style("bold", countFindings(findings))].join("\n\n");
}

/** `2 errors, 1 warning`; severities that do not occur are left out. */
export function countFindings(findings: readonly Finding[]): string {
  const count = (severity: Severity, one: string, many: string): string[] => {
    const number = findings.filter((finding) => finding.severity === severity).length;
    return number === 0 ? [] : [`${number} ${number === 1 ? one : many}`];
  };
  const parts = [...count("error", "error", "errors"), ...count("warning", "warning", "warnings")];
  return [...parts, ...count("info", "remark", "remarks")].join(", ") || "no findings";
}

type Style = "red" | "yellow" | "cyan" | "blue" | "bold";
type Painter = (style: Style, text: string) => string;

const codes: Readonly<Record<Style, string>> = { red: "1;31", yellow: "1;33", cyan: "1;36", blue: "34", bold: "1" };
const plain: Painter = (_, text) => text;
const colored: Painter = (style, text) => `\u001b[${codes[style]}m${text}\u001b[0m`;

const severityStyle: Readonly<Record<Severity, Style>> = { error: "red", warning: "yellow", info: "cyan" };

function place({ file, line, column }: Finding): string {
  if (file === undefined) return "";
  if (line === undefined) return printable(file);
  return `${printable(file)}:${line}${column === undefined ? "" : `:${column}`}`;
}

/** `orders › stage 2 ($merge) › into.coll`: people count stages from 1, the path from 0. */
function address(finding: Finding, line: string | undefined): string {
  const steps = finding.path === undefined ? [] : pathSteps(finding.path, finding, line);
  const processor = finding.processor === undefined ? [] : [printable(finding.processor)];
  return [...processor, ...steps].join(" › ");
}

function pathSteps(path: PipelinePath, finding: Finding, line: string | undefined): readonly string[] {
  const steps: string[] = [];
  let fields: (string | number)[] = [];
  const close = (): void => {
    if (fields.length > 0) steps.push(printable(fields.join(".")));
    fields = [];
  };
  for (let index = 0; index < path.length; index++) {
    const part = path[index];
    const before = path[index - 1];
    if (typeof part !== "number" || (index > 0 && before !== "pipeline")) {
      if (part !== undefined && !(part === "pipeline" && typeof path[index + 1] === "number")) fields.push(part);
      continue;
    }
    close();
    const next = path[index + 1];
    const named = typeof next === "string" && next.startsWith("$") ? next : undefined;
    if (named !== undefined) index++;
    // Without the operator in the path, the line itself says which stage it is.
    const operator = named ?? (index === path.length - 1 ? stageName(finding, line) : undefined);
    steps.push(`stage ${part + 1}${operator === undefined ? "" : ` (${printable(operator)})`}`);
  }
  close();
  return steps;
}

function stageName(finding: Finding, line: string | undefined): string | undefined {
  return line?.slice((finding.column ?? 1) - 1).match(/^\s*\{?\s*["'`]?(\$\w+)/)?.[1];
}

function sourceLine(finding: Finding, source: RenderOptions["source"]): string | undefined {
  if (finding.file === undefined || finding.line === undefined) return undefined;
  const line = source?.(finding.file)?.split(/\r\n|\r|\n/)[finding.line - 1];
  if (line === undefined) return undefined;
  return printableLine(/\.(ya?ml|env)$/.test(finding.file) ? maskSecrets(line) : line);
}

const maxShown = 160;

function snippet(
  finding: Finding,
  line: string,
  { gutter, style, paint }: { readonly gutter: string; readonly style: Painter; readonly paint: Style },
): readonly string[] {
  const column = Math.min(finding.column ?? 1, line.length + 1);
  // A line may be a whole minified file: show the part around the caret.
  const from = line.length <= maxShown ? 0 : Math.max(0, column - 1 - maxShown / 2);
  const shown = (from > 0 ? "…" : "") + line.slice(from, from + maxShown) + (line.length > from + maxShown ? "…" : "");
  const before = (from > 0 ? "…" : "") + line.slice(from, column - 1);
  const marked = line.slice(column - 1, Math.min(column - 1 + markLength(finding, line, column), from + maxShown));
  // Tabs are repeated so that the caret stays below whatever the terminal makes of them.
  const indent = before.replace(/[^\t]+/g, (text) => " ".repeat(textWidth(text)));
  const carets = "^".repeat(Math.max(1, textWidth(marked)));
  const bar = style("blue", "|");
  const number = style("blue", String(finding.line).padStart(gutter.length));
  if (finding.column === undefined) return [`${gutter} ${bar}`, `${number} ${bar} ${shown}`];
  return [`${gutter} ${bar}`, `${number} ${bar} ${shown}`, `${gutter} ${bar} ${indent}${style(paint, carets)}`];
}

/** As the rule said; else the stage with its operator, the word, or the quoted text that stands there. */
function markLength(finding: Finding, line: string, column: number): number {
  if (finding.length !== undefined) return finding.length;
  const rest = line.slice(column - 1);
  return rest.match(/^(?:\{\s*["']?\$\w+["']?|\$?[\p{L}\p{N}_$]+|"[^"]*"|'[^']*'|`[^`]*`)/u)?.[0].length ?? 1;
}
