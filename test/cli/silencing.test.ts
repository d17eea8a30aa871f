import { describe, expect, test } from "vitest";
import { makeFolder, runCli } from "./run-cli.ts";
import { config, processor, project } from "./sample.ts";

const newer = (name: string): string => processor(name).replace("{ type:", "{ $expr: { $newOperator: 1 }, type:");
const ignored = newer("payments").replace(
  "    { $match",
  "    // asp-ignore ASP1030: the service has it\n    { $match",
);

async function found(files: Readonly<Record<string, string>>, argv: readonly string[] = []) {
  const cwd = await makeFolder({ ...project, ...files });
  const { code, stdout } = await runCli(["validate", "--json", ...argv], { cwd });
  const { findings } = JSON.parse(stdout) as {
    findings: readonly { code: string; severity: string; file: string; line: number; column: number }[];
  };
  const told = findings.map((each) => `${each.severity} ${each.code} ${each.file}:${each.line}:${each.column}`);
  return { code, told };
}

describe("a comment", () => {
  test("silences an error, and the definition is compiled as written", async () => {
    const files = { ...project, "pipelines/payments.ts": ignored };
    expect(await found(files)).toEqual({ code: 0, told: [] });
    const { code, stdout } = await runCli(["compile"], { cwd: await makeFolder(files) });
    expect(code).toBe(0);
    expect(stdout).toContain("$newOperator");
  });

  test("above another line silences nothing, and that is told", async () => {
    const text = newer("payments").replace("    { $source", "    // asp-ignore ASP1030: it has it\n    { $source");
    expect(await found({ "pipelines/payments.ts": text })).toEqual({
      code: 1,
      told: ["warning ASP4023 pipelines/payments.ts:6:19", "error ASP1030 pipelines/payments.ts:8:24"],
    });
  });

  test("about several processors is not called unused while one of them does not compile", async () => {
    const silenced = processor("payments").replace(
      "    { $merge",
      "    // asp-ignore ASP4072: made by hand\n    { $merge",
    );
    const files = { "pipelines/payments.ts": silenced };
    expect((await found(files)).told).toEqual([expect.stringContaining("ASP4023")]);
    const broken = { ...files, "pipelines/refunds.ts": processor("refunds").replace("$match", "$mach") };
    expect((await found(broken)).told).toEqual([expect.stringContaining("ASP1003")]);
  });

  test("in a module that others import is about what stands there", async () => {
    const files = {
      "pipelines/stages.ts":
        "// asp-ignore ASP1030: as above\nexport const sum = { $set: { a: { $newOperator: 1 } } };\n",
      "pipelines/payments.ts": processor("payments")
        .replace('"asp-toolkit";', '"asp-toolkit";\nimport { sum } from "./stages.ts";')
        .replace("    { $merge", "    sum as never,\n    { $merge"),
    };
    expect(await found(files)).toEqual({ code: 0, told: [] });
  });

  test("in the config is about the line below", async () => {
    const text = config.replace(
      "coll: events }",
      "coll: events }\n# asp-ignore ASP4010: made by hand\ncollections: [{ connectionName: evnts, db: shop, coll: events }]",
    );
    expect(await found({ "atlas.config.yaml": text })).toEqual({ code: 0, told: [] });
  });

  test("what no comment silences is not hidden by one for another code", async () => {
    const text = ignored.replace("$match", "$mach").replace("ASP1030:", "ASP1030 ASP1006:");
    expect((await found({ "pipelines/payments.ts": text })).told).toContain("error ASP1003 pipelines/payments.ts:8:5");
  });
});

describe("the config", () => {
  const files = { "pipelines/payments.ts": newer("payments"), "pipelines/refunds.ts": newer("refunds") };
  const payments = "ASP1030 pipelines/payments.ts:7:24";
  const refunds = "ASP1030 pipelines/refunds.ts:7:24";
  const withFindings = (text: string) => found({ ...files, "atlas.config.yaml": `${config}findings:\n${text}` });

  test("changes a severity", async () => {
    expect(await withFindings("  ASP1030: warning\n")).toEqual({
      code: 0,
      told: [`warning ${payments}`, `warning ${refunds}`],
    });
  });

  test("silences one processor", async () => {
    expect(await withFindings("  ASP1030: { severity: off, reason: new, processors: [refunds] }\n")).toEqual({
      code: 1,
      told: [`error ${payments}`],
    });
  });

  test("of an environment is over the shared one, and only there", async () => {
    const text = `${config}    findings: { ASP1030: { severity: off, reason: new } }\nfindings: { ASP1030: info }\n`;
    const all = { ...files, "atlas.config.yaml": text };
    expect((await found(all, ["-e", "staging"])).told).toEqual([]);
    expect((await found(all)).told).toEqual([`info ${payments}`, `info ${refunds}`]);
  });

  test("that is about nothing is told where all was checked, and not for some processors", async () => {
    const all = { "atlas.config.yaml": `${config}findings: { ASP1006: info }\n` };
    expect(await found(all)).toEqual({ code: 0, told: ["warning ASP4023 atlas.config.yaml:12:13"] });
    expect(await found(all, ["payments"])).toEqual({ code: 0, told: [] });
  });

  test("is not called unused where a module could not be read", async () => {
    const all = { "atlas.config.yaml": `${config}findings: { ASP1006: info }\n`, "pipelines/refunds.ts": "{" };
    expect((await found(all)).told).toEqual(["error ASP4051 pipelines/refunds.ts:1:2"]);
  });

  test("is wrong at its place", async () => {
    const { code, told } = await withFindings(
      "  ASP103: info\n  ASP1022: info\n  ASP1030: off\n  ASP1006: { severity: info, processors: [refund] }\n",
    );
    expect(code).toBe(1);
    expect(told).toEqual([
      "error ASP4020 atlas.config.yaml:13:3",
      "error ASP4022 atlas.config.yaml:14:3",
      "error ASP4021 atlas.config.yaml:15:3",
      "error ASP4024 atlas.config.yaml:16:3",
    ]);
  });

  test.each([
    ["ASP1030: of", "`findings.ASP1030` must be one of error, warning, info, off, found `of`"],
    ["ASP1030: { reason: new }", "`severity` is missing in `findings.ASP1030`"],
    ["ASP1030: { severity: info, procesors: [a] }", "unknown key `procesors` in `findings.ASP1030`"],
    ["ASP1030: { severity: info, processors: [] }", "must be a list that is not empty"],
    ["ASP1030: 3", "must be a text or a mapping, found a number"],
  ])("%s is told in words", async (text, message) => {
    const cwd = await makeFolder({ ...project, "atlas.config.yaml": `${config}findings:\n  ${text}\n` });
    const { code, stderr } = await runCli(["validate"], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^1 error/m);
  });
});
