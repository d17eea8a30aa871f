import { defineFinding } from "../diagnostics/define-finding.ts";
import type { Finding, Place } from "../diagnostics/finding.ts";
import { isAuthoredValue } from "../projections/processor-value.ts";
import type { AuthoredValue } from "../projections/processor-value.ts";
import type { ModuleRun } from "./run-untagged.ts";

/** Documented in docs/errors/ASP4053.md. */
export const notAProcessor = defineFinding<{ what: string; found: unknown }>("ASP4053", {
  severity: "error",
  message: ({ what, found }) => `${what} is ${describe(found)}, not a processor`,
  help: ({ found }) => helpFor(found),
});

/** An authored value and where its module exports it. */
export interface ExportedProcessor {
  readonly value: AuthoredValue;
  readonly place: Place;
  /** It is all that its module exports by default, so that the file should be named after it. */
  readonly isAlone: boolean;
}

/** The processors that a module exports by default; a module without a default export is a helper. */
export function checkExports(
  { exports, ...module }: ModuleRun,
  at: (value: object) => Place | undefined,
): { readonly processors: readonly ExportedProcessor[]; readonly findings: readonly Finding[] } {
  if (!Object.hasOwn(exports, "default")) return { processors: [], findings: [] };
  const place = module.defaultExport?.place ?? { file: module.file, line: 1, column: 1 };
  const value = exports["default"];
  if (isAuthoredValue(value)) return { processors: [{ value, place, isAlone: true }], findings: [] };
  if (!Array.isArray(value)) {
    return { processors: [], findings: [notAProcessor({ place }, { what: "the default export", found: value })] };
  }
  const processors: ExportedProcessor[] = [];
  const findings: Finding[] = [];
  for (const [index, entry] of (value as readonly unknown[]).entries()) {
    const tagged = typeof entry === "object" && entry !== null ? at(entry) : undefined;
    const entryPlace = module.defaultExport?.elements[index] ?? tagged ?? place;
    if (isAuthoredValue(entry)) processors.push({ value: entry, place: entryPlace, isAlone: false });
    else {
      const what = `entry ${index + 1} of the default export`;
      findings.push(notAProcessor({ place: entryPlace }, { what, found: entry }));
    }
  }
  return { processors, findings };
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return "an array";
  if (value instanceof Promise) return "a promise";
  switch (typeof value) {
    case "function":
      return /^class\b/.test(String(value)) ? "a class" : "a function";
    case "string":
      return "a text";
    case "object": {
      const keys = Object.keys(value);
      const shown = keys.slice(0, 5).map((key) => `\`${key}\``);
      if (keys.length === 0) return "an empty object";
      return `a plain object with ${shown.join(", ")}${keys.length > shown.length ? " …" : ""}`;
    }
    default:
      return `a ${typeof value}`;
  }
}

function helpFor(value: unknown): string {
  if (typeof value === "object" && value !== null) {
    if (value instanceof Promise) return "await it: `export default await …`";
    if ("pipeline" in value) return "wrap it in `defineProcessor(…)`";
    if ("on" in value && "into" in value) return "wrap it in `defineProjection(…)`";
  }
  if (Array.isArray(value)) return "export one flat array";
  if (typeof value === "function") return "export what it returns: call it";
  return "export what `defineProcessor` or `defineProjection` returns, an array of them, or nothing by default";
}
