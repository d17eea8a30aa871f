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
 * One run of the compiler with the project's own settings; each case is a line, so that errors are told apart by line.
 */
export async function typeCheck(cases: readonly TypeCase[]): Promise<readonly boolean[]> {
  const folder = await mkdtemp(join(root, "node_modules", ".asp-types-"));
  try {
    const file = join(folder, "cases.ts");
    const lines = cases.map(({ stage, args }) => `check({ ${JSON.stringify(stage)}: ${toSource(args)} });`);
    await writeFile(
      file,
      `import type { Stage } from "asp-toolkit";\nconst check = (_: Stage): void => {};\n${lines.join("\n")}\n`,
    );
    await writeFile(
      join(folder, "tsconfig.json"),
      JSON.stringify({ extends: join(root, "tsconfig.json"), include: [file] }),
    );
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const { stdout } = await execa(process.execPath, [tsc, "-p", folder, "--pretty", "false"], { reject: false });
    const wrong = new Set<number>();
    for (const line of stdout.split("\n").filter((each) => /error TS\d+/.test(each))) {
      const [, at] = /cases\.ts\((\d+),\d+\): error/.exec(line) ?? [];
      // An error elsewhere says nothing about the cases.
      if (at === undefined) throw new Error(line);
      wrong.add(Number(at) - 3);
    }
    return cases.map((_, index) => !wrong.has(index));
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
