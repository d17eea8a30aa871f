import { resolve } from "node:path";
import { compileProcessor } from "../../compiler/compile-processor.ts";
import { toEjson } from "../../compiler/emit/json.ts";
import type { Environment } from "../../config/environment.ts";
import { diffLines } from "../../deploy/plan/diff-lines.ts";
import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { loadPipelines } from "../../loader/load-pipelines.ts";
import type { Definition } from "../../stages/definition.ts";

/** Documented in docs/errors/ASP6092.md. */
export const compilesToAnother = defineFinding<{ name: string; file: string; lines: readonly string[] }>("ASP6092", {
  severity: "warning",
  message: ({ name, file }) => `\`${file}\` compiles to another definition than \`${name}\` has`,
  notes: ({ lines }) => lines,
  help: "compare what differs; `asp plan` shows it stage by stage where the processor runs",
});

const mostLines = 12;

/**
 * Loads a module that was written, compiles it for the environment whatever its findings are, and compares that with what it was
 * written from.
 *
 * @param folder where the module lies, relative to `cwd`
 */
export async function checkModule(
  wanted: Definition,
  file: string,
  { cwd, folder, environment }: { readonly cwd: string; readonly folder: string; readonly environment: Environment },
): Promise<readonly Finding[]> {
  const differs = (lines: readonly string[]): readonly Finding[] => [
    compilesToAnother({ processor: wanted.name }, { name: wanted.name, file, lines }),
  ];
  const { modules } = await loadPipelines(folder, { cwd, withoutPlaces: true });
  const module = modules.find((each) => resolve(cwd, each.file) === resolve(cwd, file));
  const value = module?.processors[0];
  if (value === undefined) return differs(["it could not be loaded"]);
  const compiled = compileProcessor(value, { environment, at: () => undefined, severityOf: () => "warning" });
  if (compiled.definition === undefined) return differs(["it compiles to no definition"]);
  const [before, after] = [wanted, compiled.definition].map((each) => toEjson(each, 2).split("\n"));
  const lines = diffLines(before ?? [], after ?? []).filter(({ sign }) => sign !== " ");
  if (lines.length === 0) return [];
  const shown = lines
    .slice(0, mostLines)
    .map(({ sign, text }) => `${sign === "-" ? "imported" : "compiled"}: ${text.trim()}`);
  return differs(lines.length > mostLines ? [...shown, `and ${lines.length - mostLines} more lines`] : shown);
}
