import { createHash } from "node:crypto";
import type { Finding, Severity } from "../../diagnostics/finding.ts";
import { printable } from "../../diagnostics/printable.ts";
import { sortFindings } from "../../diagnostics/sort-findings.ts";

export interface SarifOptions {
  /** Of asp. */
  readonly version: string;
  /** Markdown of a code's page. */
  readonly page: (code: string) => string | undefined;
  /** Where a code's page stands on the web, if it does. */
  readonly address: (code: string) => string | undefined;
  /** The project's folder as seen from the root of the repository, `""` or ending with a slash. */
  readonly fromRoot: string;
  readonly exitCode: number;
}

const levels: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", info: "note" };

/** Findings as a SARIF 2.1.0 log with one run, by place. Source: OASIS, Static Analysis Results Interchange Format 2.1.0. */
export function toSarif(findings: readonly Finding[], options: SarifOptions): object {
  const sorted = sortFindings(findings);
  const codes = [...new Set(sorted.map(({ code }) => code))].toSorted();
  const fingerprintOf = createFingerprints();
  return {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "asp",
            version: options.version,
            semanticVersion: options.version,
            rules: codes.map((code) => toRule(code, options)),
          },
        },
        invocations: [{ executionSuccessful: true, exitCode: options.exitCode }],
        columnKind: "utf16CodeUnits",
        originalUriBaseIds: { [root]: { description: { text: "The root of the repository." } } },
        results: sorted.map((finding) => ({
          ruleId: finding.code,
          ruleIndex: codes.indexOf(finding.code),
          level: levels[finding.severity],
          message: { text: messageOf(finding) },
          locations: locationsOf(finding, options.fromRoot),
          partialFingerprints: { "aspFinding/v1": fingerprintOf(finding) },
        })),
      },
    ],
  };
}

const root = "%SRCROOT%";

/** The page's title is its short description, its first paragraph the full one, and the whole page its help. */
function toRule(code: string, { page: pageOf, address }: SarifOptions): object {
  const page = pageOf(code);
  const helpUri = address(code);
  const [heading = "", about = ""] = page?.split("\n\n") ?? [];
  const title = heading.replace(/^#\s*\w+:?\s*/, "");
  if (page === undefined || title === "") return { id: code };
  return {
    id: code,
    shortDescription: { text: plain(title) },
    fullDescription: { text: plain(about) },
    help: { text: page, markdown: page },
    ...(helpUri === undefined ? {} : { helpUri }),
  };
}

/** Markdown of one paragraph as text. */
function plain(markdown: string): string {
  return markdown.replaceAll("`", "").replaceAll("\n", " ").trim();
}

function messageOf({ message, notes = [], help }: Finding): string {
  const remarks = [...notes.map((note) => `Note: ${note}`), ...(help === undefined ? [] : [`Help: ${help}`])];
  return [message, ...remarks].map(printable).join("\n");
}

function locationsOf(finding: Finding, fromRoot: string): readonly object[] {
  const { file, processor, path } = finding;
  if (file === undefined && processor === undefined) return [];
  const logical = {
    name: processor,
    fullyQualifiedName: [processor, ...(path ?? [])].join("/"),
    kind: "processor",
  };
  return [
    {
      ...(file === undefined ? {} : { physicalLocation: physicalLocation(finding, file, fromRoot) }),
      ...(processor === undefined ? {} : { logicalLocations: [logical] }),
    },
  ];
}

function physicalLocation({ line, column, length }: Finding, file: string, fromRoot: string): object {
  const region = {
    startLine: line,
    ...(column === undefined ? {} : { startColumn: column }),
    // The first column that does not belong to it.
    ...(column === undefined || length === undefined ? {} : { endColumn: column + length }),
  };
  return { artifactLocation: artifactOf(file, fromRoot), ...(line === undefined ? {} : { region }) };
}

/** A file outside the project has an absolute path, which is of no root. */
function artifactOf(file: string, fromRoot: string): object {
  const uri = (path: string): string => path.split("/").map(encodeURIComponent).join("/");
  return /^(?:\/|[A-Za-z]:)/.test(file)
    ? { uri: `file://${file.startsWith("/") ? "" : "/"}${uri(file)}` }
    : { uri: uri(`${fromRoot}${file}`), uriBaseId: root };
}

/** Of what stays when lines move and stages are put before it; the second of two equal findings is told apart by its number. */
function createFingerprints(): (finding: Finding) => string {
  const seen = new Map<string, number>();
  return ({ code, file, processor, message }) => {
    const key = JSON.stringify([code, file, processor, message]);
    const number = (seen.get(key) ?? 0) + 1;
    seen.set(key, number);
    return createHash("sha256").update(`${key} ${number}`).digest("hex").slice(0, 32);
  };
}
