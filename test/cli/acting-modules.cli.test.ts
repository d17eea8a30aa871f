import { describe, expect, test } from "vitest";
import type { FindingsJson } from "../../src/diagnostics/findings-schema.ts";
import { makeFolder } from "./run-cli.ts";
import { processor, project } from "./sample.ts";
import { spawnCli } from "./spawn-cli.ts";

/** Beside a module that does this stands one with a mistake of its own, which must be found all the same. */
async function validate(text: string, argv: readonly string[] = []) {
  const cwd = await makeFolder({
    ...project,
    "pipelines/acting.ts": `// first line\n${text}\n${processor("acting")}`,
    "pipelines/mistaken.ts": processor("mistaken").replace("$match", "$mach"),
  });
  const { code, stdout, stderr } = await (await spawnCli(["validate", "--json", ...argv], { cwd })).result;
  const { findings, errors } = JSON.parse(stdout) as FindingsJson;
  const shown = findings.map(({ code: finding, file, line, message }) => `${finding} ${file}:${line} ${message}`);
  return { code, errors, shown, stderr };
}

const others = "ASP1003 pipelines/mistaken.ts:7 there is no stage `$mach`";

describe("what a pipeline module does to the process is a finding, and the others are checked", () => {
  test.each([
    ["process.exit(0);", "ASP4170", "this module uses `process.exit`, which is asp's own"],
    ["process.exitCode = 9;", "ASP4170", "this module uses `process.exitCode`, which is asp's own"],
    ["process.abort();", "ASP4170", "this module uses `process.abort`, which is asp's own"],
    ["process.kill(process.pid);", "ASP4170", "this module uses `process.kill`, which is asp's own"],
    ["globalThis.process.exit(0);", "ASP4170", "this module uses `process.exit`, which is asp's own"],
    ["process.stdout.write('x');", "ASP4170", "this module uses `process.stdout.write`, which is asp's own"],
    ["process.on('uncaughtException', () => {});", "ASP4170", "this module uses `process.on`, which is asp's own"],
    ["setTimeout(() => process.exit(0), 5);", "ASP4170", "this module uses `process.exit`, which is asp's own"],
    ["await new Promise(() => {});", "ASP4171", "this module waits for what never comes"],
    [
      "for await (const x of [new Promise(() => {})]) console.log(x);",
      "ASP4171",
      "this module waits for what never comes",
    ],
    [
      "void Promise.reject(new Error('lost'));",
      "ASP4172",
      "this module starts what fails, and nothing catches it: lost",
    ],
    [
      "setTimeout(() => { throw new Error('late'); }, 0);",
      "ASP4172",
      "this module starts what fails, and nothing catches it: late",
    ],
    [
      "setTimeout(() => { throw new Error('late'); }, 200);",
      "ASP4172",
      "this module starts what fails, and nothing catches it: late",
    ],
  ])("%s", async (text, code, message) => {
    const line = text.startsWith("for await") ? 1 : 2;
    const found = await validate(text);
    expect(found).toMatchObject({
      code: 1,
      errors: 2,
      shown: [`${code} pipelines/acting.ts:${line} ${message}`, others],
    });
  });

  test("what it prints in any way of console goes to stderr", async () => {
    const found = await validate(
      "console.dir({ a: 1 }); console.table([{ b: 2 }]); console.log('c'); console.dirxml('d');",
    );
    expect(found).toMatchObject({ code: 1, errors: 1, shown: [others] });
    expect(found.stderr).toMatch(/\{ a: 1 \}[^]*│ 2 │[^]*c\nd\n/u);
  });

  test("what it may read of the process is there", async () => {
    const reads =
      "if (process.env.PATH === undefined || process.cwd() === '' || process.hrtime.bigint() < 0n) throw 1;";
    expect((await validate(`${reads}\nprocess.stderr.write('seen\\n');`)).shown).toEqual([others]);
  });
});

test("a command that goes on fails with the module that failed behind it, and not with a bug", async () => {
  const cwd = await makeFolder({
    ...project,
    "pipelines/payments.ts": `setTimeout(() => { throw new Error("late"); }, 2500);\n${processor("payments")}`,
  });
  const { code, stderr } = await (await spawnCli(["validate", "--watch"], { cwd })).result;
  expect(code).toBe(1);
  expect(stderr).toContain("error[ASP4172]: this module starts what fails, and nothing catches it: late");
  expect(stderr).toContain("--> pipelines/payments.ts:1:1");
});
