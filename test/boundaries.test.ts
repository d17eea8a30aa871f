import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execaNode } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

interface Seed {
  readonly file: string;
  readonly code: string;
  readonly rule: string;
}

const imports = (from: string): string => `import { x } from "${from}";\nexport const y = x;\n`;
const backwards = (file: string, from: string): Seed => ({
  file,
  code: imports(from),
  rule: "eslint(no-restricted-imports)",
});
const inPure = (file: string, expression: string, rule: string): Seed => ({
  file,
  code: `export const y = (): unknown => ${expression};\n`,
  rule,
});

/** One violation a file: a config that stops matching reports one of them no more. */
const seeds: readonly Seed[] = [
  backwards("src/diagnostics/a.ts", "../stages/x.ts"),
  backwards("src/stages/a.ts", "../projections/x.ts"),
  backwards("src/stages/b.ts", "../expressions/x.ts"),
  backwards("src/expressions/a.ts", "../stages/x.ts"),
  backwards("src/expressions/b.ts", "../compiler/x.ts"),
  backwards("src/projections/a.ts", "../compiler/rules/x.ts"),
  backwards("src/config/a.ts", "../compiler/x.ts"),
  backwards("src/compiler/a.ts", "../loader/x.ts"),
  backwards("src/compiler/rules/a.ts", "../../engine/core/x.ts"),
  backwards("src/engine/core/a.ts", "../x.ts"),
  backwards("src/engine/core/b.ts", "../../mongod/x.ts"),
  backwards("src/deploy/plan/a.ts", "../x.ts"),
  backwards("src/config/load-a.ts", "../mongod/x.ts"),
  backwards("src/loader/a.ts", "../engine/x.ts"),
  backwards("src/mongod/sources/a.ts", "../../testing/x.ts"),
  backwards("src/engine/a.ts", "../testing/x.ts"),
  backwards("src/engine/sinks/a.ts", "../../deploy/x.ts"),
  backwards("src/deploy/a.ts", "../cli/x.ts"),
  backwards("src/emulator/a.ts", "../testing/x.ts"),
  backwards("src/testing/a.ts", "../cli/x.ts"),
  backwards("src/testing/b.ts", "../index.ts"),
  backwards("src/cli/a.ts", "asp-toolkit"),
  ...[
    "diagnostics",
    "stages",
    "expressions",
    "projections",
    "config",
    "compiler",
    "engine/core",
    "deploy/plan",
  ].flatMap((room) => [
    backwards(`src/${room}/node.ts`, "node:fs"),
    backwards(`src/${room}/driver.ts`, "mongodb"),
    inPure(`src/${room}/clock.ts`, "Date.now()", "eslint(no-restricted-properties)"),
    inPure(`src/${room}/random.ts`, "Math.random()", "eslint(no-restricted-properties)"),
    inPure(`src/${room}/environment.ts`, "process.env", "eslint(no-restricted-globals)"),
  ]),
  inPure("src/engine/console.ts", 'console.log("")', "eslint(no-console)"),
  inPure("src/cli/console.ts", 'console.log("")', "eslint(no-console)"),
  inPure("src/loader/environment.ts", "process.env", "eslint(no-restricted-globals)"),
  backwards("src/mongod/environment.ts", "node:process"),
  inPure("src/cli/main.ts", "process.exit(1)", "unicorn(no-process-exit)"),
  { file: "src/stages/default.ts", code: "export default 1;\n", rule: "import(no-default-export)" },
  { file: "src/stages/cycle-a.ts", code: imports("./cycle-b.ts"), rule: "import(no-cycle)" },
  {
    file: "src/stages/cycle-b.ts",
    code: "import { y } from './cycle-a.ts';\nexport const x = y;\n",
    rule: "import(no-cycle)",
  },
  inPure("src/stages/any.ts", "1 as any", "typescript(no-explicit-any)"),
  {
    file: "src/engine/floating.ts",
    code: "const wait = async (): Promise<void> => {};\nexport function y(): void {\n  wait();\n}\n",
    rule: "typescript(no-floating-promises)",
  },
];

/** What the rules must let through. */
const innocent: readonly Omit<Seed, "rule">[] = [
  { file: "src/compiler/fine.ts", code: imports("../config/environment.ts") },
  { file: "src/engine/fine.ts", code: imports("./core/x.ts") },
  { file: "src/engine/core/sub/fine.ts", code: imports("../../../compiler/x.ts") },
  { file: "src/mongod/fine.ts", code: 'import { platform } from "node:process";\nexport const y = platform;\n' },
  { file: "src/cli/fine.ts", code: imports("../testing/x.ts") },
  { file: "pipelines/fine.ts", code: "export default 1;\n" },
];

describe("the linter", () => {
  let folder: string;
  let reported: ReadonlyMap<string, readonly string[]>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "asp-boundaries-"));
    await copyFile(join(root, "oxlint.config.js"), join(folder, "oxlint.config.js"));
    await writeFile(join(folder, "package.json"), '{"type":"module"}');
    await writeFile(
      join(folder, "tsconfig.json"),
      '{"compilerOptions":{"module":"nodenext","strict":true,"types":[]},"include":["src"]}',
    );
    for (const { file, code } of [...seeds, ...innocent]) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), code);
    }
    reported = await lint(folder);
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.for(seeds)("reports $rule in $file", ({ file, rule }) => {
    expect(reported.get(file) ?? []).toContain(rule);
  });

  test.for(innocent)("lets $file pass", ({ file }) => {
    expect(reported.get(file) ?? []).toEqual([]);
  });
});

async function lint(cwd: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const { stdout } = await execaNode(
    join(root, "node_modules/oxlint/bin/oxlint"),
    ["-c", "oxlint.config.js", "--type-aware", "--format=json"],
    { cwd, reject: false, nodeOptions: [] },
  );
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: readonly { code: string; filename: string }[] };
  const reported = new Map<string, string[]>();
  for (const { code, filename } of diagnostics) reported.set(filename, [...(reported.get(filename) ?? []), code]);
  return reported;
}
