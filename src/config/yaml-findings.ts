import type { LineCounter, YAMLError } from "yaml";
import { defineFinding } from "../diagnostics/define-finding.ts";
import type { Finding } from "../diagnostics/finding.ts";

/** Documented in docs/errors/ASP4000.md. */
export const notYaml = defineFinding<{ problem: string; help: string | undefined }>("ASP4000", {
  severity: "error",
  message: ({ problem }) => `this is not YAML: ${problem}`,
  help: ({ help }) => help,
});

/** Documented in docs/errors/ASP4001.md. */
export const repeatedKey = defineFinding<{ key: string }>("ASP4001", {
  severity: "error",
  message: ({ key }) => `the key \`${key}\` is there twice`,
  notes: () => ["only one of the two could hold"],
  help: "remove one, or join the two",
});

/** What the YAML parser said, in this project's words where it matters. */
export function yamlFinding(error: YAMLError, text: string, lines: LineCounter, file: string): Finding {
  const offset = Math.min(error.pos[0], text.length);
  const { line, col } = lines.linePos(offset);
  const at = { place: { file, line: Math.max(1, line), column: Math.max(1, col) } };
  if (error.code === "DUPLICATE_KEY") return repeatedKey(at, { key: keyAt(text.slice(offset)) });
  const problem = (error.message.split("\n")[0] ?? "").replace(/[.:]?\s*$/, "");
  return notYaml(at, { problem: problem.charAt(0).toLowerCase() + problem.slice(1), help: helpFor(text, offset) });
}

function keyAt(rest: string): string {
  return (
    rest
      .match(/^(?:"([^"]*)"|'([^']*)'|([^\s:,{}]+))/)
      ?.slice(1)
      .find((part) => part !== undefined) ?? "?"
  );
}

function helpFor(text: string, offset: number): string | undefined {
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1).split("\n")[0] ?? "";
  if (/[:\s[,]\$\{/.test(line)) return 'put quotes around a `${NAME}` that stands inside `{ }` or `[ ]`: `"${NAME}"`';
  if (line.includes("\t")) return "indent with spaces, YAML forbids tabs";
  return undefined;
}
