import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { addFiles, makeFolder, readFolder, runCli } from "./run-cli.ts";
import { processor, project } from "./sample.ts";

const two = { ...project, "pipelines/refunds.ts": processor("refunds") };

describe("asp compile", () => {
  test("prints one array of definitions, the same every time, with and without --json", async () => {
    const cwd = await makeFolder(two);
    const first = await runCli(["compile"], { cwd });
    expect(first).toMatchObject({ code: 0, stderr: "" });
    const definitions = JSON.parse(first.stdout) as readonly { readonly name: string; readonly pipeline: object[] }[];
    expect(definitions.map(({ name }) => name)).toEqual(["payments", "refunds"]);
    expect(definitions[0]?.pipeline.map((stage) => Object.keys(stage)[0])).toEqual(["$source", "$match", "$merge"]);
    expect(await runCli(["compile", "--json"], { cwd })).toEqual(first);
  });

  test("--out writes a file for each processor, and nothing where nothing changed", async () => {
    const cwd = await makeFolder(two);
    const first = await runCli(["compile", "--out", "made", "--json"], { cwd });
    expect(JSON.parse(first.stdout)).toEqual({
      out: "made",
      files: ["payments.json", "refunds.json"],
      written: ["payments.json", "refunds.json"],
      leftovers: [],
    });
    const files = await readFolder(join(cwd, "made"));
    expect(JSON.parse(files["refunds.json"] ?? "")).toMatchObject({ name: "refunds" });
    const again = await runCli(["compile", "--out", "made"], { cwd });
    expect(again).toEqual({ code: 0, stdout: "2 definitions in made, 0 files written\n", stderr: "" });
  });

  test.each([
    ["mongosh", "payments.js", "sp.createStreamProcessor"],
    ["terraform", "payments.tf", 'resource "mongodbatlas_stream_processor"'],
  ])("--format %s writes %s", async (format, file, text) => {
    const cwd = await makeFolder(project);
    expect((await runCli(["compile", "--format", format], { cwd })).stdout).toContain(text);
    await runCli(["compile", "--format", format, "--out", "made"], { cwd });
    expect((await readFolder(join(cwd, "made")))[file]).toContain(text);
  });

  test("an unknown format is a wrong command line", async () => {
    const cwd = await makeFolder(project);
    const { code, stderr } = await runCli(["compile", "--format", "yaml"], { cwd });
    expect(code).toBe(64);
    expect(stderr).toContain("Allowed choices are json, mongosh, terraform.");
  });

  test("--check says what differs, is missing or left over, and writes nothing", async () => {
    const cwd = await makeFolder(two);
    await runCli(["compile", "--out", "made"], { cwd });
    const check = (): ReturnType<typeof runCli> => runCli(["compile", "--out", "made", "--check"], { cwd });
    expect(await check()).toEqual({ code: 0, stdout: "made is current: 2 definitions\n", stderr: "" });

    await addFiles(cwd, {
      "pipelines/payments.ts": processor("payments", "elsewhere"),
      "pipelines/more.ts": processor("more"),
      "made/package.json": '{ "name": "not ours" }',
    });
    await rm(join(cwd, "pipelines/refunds.ts"));
    const before = await readFolder(join(cwd, "made"));
    const { code, stderr } = await check();
    expect(code).toBe(1);
    expect(stderr).toContain("error[ASP4153]: `made/payments.json` is not what its processor compiles to");
    expect(stderr).toContain("--> made/payments.json:24:20");
    expect(stderr).toContain('there: `"coll": "payments"`');
    expect(stderr).toContain('compiled: `"coll": "elsewhere"`');
    expect(stderr).toContain("error[ASP4153]: `made/more.json` is not there");
    expect(stderr).toContain("error[ASP4153]: `made/refunds.json` belongs to no processor any more");
    expect(stderr).toContain("3 errors");
    expect(await readFolder(join(cwd, "made"))).toEqual(before);
  });

  test.each([
    ["json", ".json"],
    ["mongosh", ".js"],
    ["terraform", ".tf"],
  ])(
    "a processor that has another name than in the folder, and is the same, is told as %s",
    async (format, extension) => {
      const cwd = await makeFolder(two);
      const compile = (...more: readonly string[]) =>
        runCli(["compile", "--format", format, "--out", "made", ...more], { cwd });
      await compile();
      await rm(join(cwd, "pipelines/refunds.ts"));
      await addFiles(cwd, { "pipelines/repaid money.ts": processor("repaid money", "refunds") });
      const warning =
        "warning[ASP4173]: `refunds` is named `repaid money` now: to the service it is another processor\n" +
        "  --> pipelines/repaid money.ts:4:3          repaid money\n" +
        "   |\n" +
        ' 4 |   name: "repaid money",\n' +
        "   |   ^^^^\n" +
        `   = note: but for its name, \`made/refunds${extension}\` is what \`repaid money\` compiles to\n`;
      const check = await compile("--check");
      expect(check).toMatchObject({ code: 1, stdout: "" });
      expect(check.stderr).toContain(warning);
      expect(check.stderr).toContain("2 errors, 1 warning");
      expect((await compile("--strict")).code).toBe(1);
      expect(Object.keys(await readFolder(join(cwd, "made")))).not.toContain(`repaid money${extension}`);
      const written = await compile();
      expect(written.code).toBe(0);
      expect(written.stderr).toContain(warning);
      // From here on the folder has both, and which came from which is not known.
      expect((await compile()).stderr).not.toContain("ASP4173");
      expect((await compile("--check")).stderr).not.toContain("ASP4173");
    },
  );

  test("a processor that is new and another than those that are gone was not renamed", async () => {
    const cwd = await makeFolder({ ...two, "pipelines/twin.ts": processor("twin", "refunds") });
    await runCli(["compile", "--out", "made"], { cwd });
    await rm(join(cwd, "pipelines/refunds.ts"));
    await addFiles(cwd, { "pipelines/repaid.ts": processor("repaid") });
    expect((await runCli(["compile", "--out", "made", "--check"], { cwd })).stderr).not.toContain("ASP4173");
  });

  test.each([
    ["mongosh", ".js", ["payments"]],
    ["terraform", ".tf", ["payments", "variables"]],
  ])("--check tells what differs, is missing or left over of %s too", async (format, extension, made) => {
    const cwd = await makeFolder(two);
    const compile = (...more: readonly string[]) =>
      runCli(["compile", "--format", format, "--out", "made", ...more], { cwd });
    await compile();
    expect(await compile("--check")).toEqual({ code: 0, stdout: "made is current: 2 definitions\n", stderr: "" });

    await addFiles(cwd, {
      [`made/${made[0]}${extension}`]: "edited\n",
      [`made/mine${extension}`]: "not ours",
    });
    await rm(join(cwd, "pipelines/refunds.ts"));
    const { code, stderr } = await compile("--check");
    expect(code).toBe(1);
    expect(stderr).toContain(`\`made/payments${extension}\` is not what its processor compiles to`);
    expect(stderr).toContain("there: `edited`");
    expect(stderr).toContain(`\`made/refunds${extension}\` belongs to no processor any more`);
    expect(stderr).not.toContain("mine");
    expect(stderr).toContain("2 errors");

    for (const name of made) await rm(join(cwd, "made", `${name}${extension}`));
    expect((await compile("--check")).stderr).toContain(`\`made/${made.at(-1)}${extension}\` is not there`);
  });

  test("says which option Terraform cannot take, and which it can", async () => {
    const options = (text: string) => processor("payments").replace("pipeline:", `options: ${text}, pipeline:`);
    const cwd = await makeFolder({ ...project, "pipelines/payments.ts": options("{ resumeFromCheckpoint: false }") });
    const terraform = ["compile", "--format", "terraform"];
    const { code, stderr } = await runCli(terraform, { cwd });
    expect(code).toBe(0);
    expect(stderr).toContain("warning[ASP4160]: the option `resumeFromCheckpoint` is left out");
    expect(stderr).toMatch(/--> pipelines\/payments\.ts:5:\d+ +payments$/mu);
    expect((await runCli([...terraform, "--strict"], { cwd })).code).toBe(1);
    expect((await runCli(["compile", "--format", "mongosh"], { cwd })).stderr).toBe("");
    await addFiles(cwd, { "pipelines/payments.ts": options('{ tier: "SP10" }') });
    expect((await runCli(terraform, { cwd })).stderr).toBe("");
  });

  test("--check without --out is a wrong command line", async () => {
    const { code, stderr } = await runCli(["compile", "--check"]);
    expect({ code, stderr }).toEqual({ code: 64, stderr: "asp: --check needs --out: the folder to compare with\n" });
  });

  test("nothing is written where a pipeline has an error", async () => {
    const cwd = await makeFolder({ ...two, "pipelines/refunds.ts": "export default 3;" });
    const { code, stdout } = await runCli(["compile", "--out", "made", "--json"], { cwd });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ errors: 1 });
    expect(Object.keys(await readFolder(cwd)).filter((path) => path.startsWith("made"))).toEqual([]);
  });

  test("a folder that cannot be written is the world's refusal", async () => {
    const cwd = await makeFolder({ ...project, made: "a file" });
    const { code, stderr } = await runCli(["compile", "--out", "made"], { cwd });
    expect(code).toBe(3);
    expect(stderr).toContain("error[ASP4155]: ");
  });
});
