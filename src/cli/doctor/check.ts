import type { Paint } from "../render/paint.ts";

/** One line of what the doctor found. */
export interface Check {
  readonly name: string;
  readonly status: "ok" | "warning" | "error";
  readonly detail: string;
  readonly notes?: readonly string[];
  readonly help?: string;
  /** Whose an error is: exit 1 for the project's, 3 for the world's. */
  readonly fault?: "project" | "world";
}

export function renderChecks(checks: readonly Check[], paint: Paint): string {
  const marks = { ok: paint.green("✓"), warning: paint.yellow("!"), error: paint.red("✗") };
  const width = Math.max(...checks.map(({ name }) => name.length));
  const indent = " ".repeat(width + 4);
  return checks
    .flatMap(({ name, status, detail, notes = [], help }) => [
      `${marks[status]} ${name.padEnd(width)}  ${detail}`,
      ...notes.map((note) => `${indent}${paint.dim(note)}`),
      ...(help === undefined ? [] : [`${indent}help: ${help}`]),
    ])
    .join("\n");
}
