import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { isPlainObject } from "../../src/expressions/is-plain-object.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** One stage as an author writes it. */
export interface TypeCase {
  readonly stage: string;
  readonly args: unknown;
}

/**
 * Type-checks each stage as an element of a processor's pipeline: true where TypeScript takes it.
 *
 * One run of the compiler; each case is a line, so that errors are told apart by line.
 *
 * @param options.stageTypes A module that declares `Stage`, instead of the package's own.
 */
export async function typeCheck(
  cases: readonly TypeCase[],
  { stageTypes }: { readonly stageTypes?: string } = {},
): Promise<readonly boolean[]> {
  const lines = cases.map(({ stage, args }) => `check({ ${JSON.stringify(stage)}: ${toSource(args)} });`);
  const text = (from: string): string =>
    `import type { Stage } from "${from}";\nconst check = (_: Stage): void => {};\n${lines.join("\n")}\n`;
  const errors = await typeErrors(
    stageTypes === undefined
      ? { "cases.ts": text("asp-toolkit") }
      : { "cases.ts": text("./stages.ts"), "stages.ts": stageTypes },
  );
  const wrong = new Set<number>();
  for (const error of errors) {
    const [, at] = /cases\.ts\((\d+),\d+\): error/.exec(error) ?? [];
    // An error elsewhere says nothing about the cases.
    if (at === undefined) throw new Error(error);
    wrong.add(Number(at) - 3);
  }
  return cases.map((_, index) => !wrong.has(index));
}

/** The errors of some files, by the project's own settings; they stand two folders below the root. */
export async function typeErrors(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const folder = await mkdtemp(join(root, "node_modules", ".asp-types-"));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const config = { extends: join(root, "tsconfig.json"), files: Object.keys(files), include: [] };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const { stdout } = await execa(process.execPath, [tsc, "-p", folder, "--pretty", "false"], { reject: false });
    return stdout.split("\n").filter((line) => /error TS\d+/.test(line));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A value as one would write it in TypeScript. */
function toSource(value: unknown): string {
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  if (Array.isArray(value)) return `[${value.map(toSource).join(", ")}]`;
  if (!isPlainObject(value)) return JSON.stringify(value) ?? "undefined";
  return `{ ${Object.entries(value)
    .map(([key, each]) => `${JSON.stringify(key)}: ${toSource(each)}`)
    .join(", ")} }`;
}
