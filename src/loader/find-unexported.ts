import { defineFinding } from "../diagnostics/define-finding.ts";
import type { Finding, Place } from "../diagnostics/finding.ts";
import { isAuthoredValue } from "../projections/processor-value.ts";
import type { ExportedProcessor } from "./check-exports.ts";
import type { ModuleRun } from "./run-untagged.ts";

/** Documented in docs/errors/ASP4175.md. */
export const notExportedByDefault = defineFinding<{ name: string }>("ASP4175", {
  severity: "warning",
  message: ({ name }) => `\`${name}\` is a processor that no module exports by default`,
  notes: () => ["it is not checked, compiled or run: only default exports are part of the project"],
  help: ({ name }) => `export it by default: \`export default ${name}\``,
});

/** Processors that a module exports by a name, and that no module has among its default export. */
export function findUnexported(
  modules: readonly ModuleRun[],
  processors: readonly ExportedProcessor[],
  at: (value: object) => Place | undefined,
): readonly Finding[] {
  const exported = new Set(processors.map(({ value }) => value));
  return modules.flatMap(({ file, exports }) =>
    Object.keys(exports).flatMap((name) => {
      const value = name === "default" ? undefined : exports[name];
      if (!isAuthoredValue(value) || exported.has(value)) return [];
      const place = at(value) ?? { file, line: 1, column: 1 };
      return [notExportedByDefault({ place }, { name })];
    }),
  );
}
