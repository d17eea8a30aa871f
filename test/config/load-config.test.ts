import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "../../src/config/load-config.ts";
import { readExamples } from "../diagnostics/error-page.ts";
import { project } from "../loader/project.ts";

test("the file of the folder is read, and its text is there for findings", async () => {
  const cwd = await project({ "atlas.config.yaml": "extra: 1\n" });
  expect(await loadConfig(cwd)).toMatchObject({
    file: "atlas.config.yaml",
    text: "extra: 1\n",
    findings: [{ file: "atlas.config.yaml", line: 1, column: 1 }],
    config: { connections: {} },
  });
});

test("without a file the help is `asp init`", async () => {
  const { config, findings } = await loadConfig(await project({ "sub/x": "" }));
  expect(config).toBeUndefined();
  expect(findings).toMatchObject([
    { code: "ASP4005", message: "there is no atlas.config.yaml", help: expect.stringContaining("asp init") },
  ]);
});

test("folders above are not searched, a file elsewhere is named", async () => {
  const cwd = await project({ "atlas.config.yaml": "", "sub/other.yaml": "a: 1" });
  expect((await loadConfig(join(cwd, "sub"))).findings).toHaveLength(1);
  expect((await loadConfig(join(cwd, "sub"), "../atlas.config.yaml")).findings).toEqual([]);
  expect((await loadConfig(cwd, "sub/other.yaml")).findings).toMatchObject([{ file: "sub/other.yaml" }]);
  expect((await loadConfig(cwd, "nothing.yaml")).findings).toMatchObject([{ message: "there is no nothing.yaml" }]);
});

test("a file that the system refuses is no mistake in it", async () => {
  const cwd = await project({ "folder/x": "" });
  await expect(loadConfig(cwd, "folder")).rejects.toMatchObject({ name: "AspError", code: "ASP4015" });
});

test("modules of functions count from the folder of the file, and one that is not there is found where it stands", async () => {
  const text = [
    "connections:",
    "  lambda:",
    "    type: AWSLambda",
    "    functions:",
    "      add-tax: { module: ./functions/add-tax.ts, timeoutSec: 5 }",
    "environments:",
    "  local:",
    "    connections:",
    "      lambda:",
    "        functions:",
    "          gone: { module: ./functions }",
  ];
  const cwd = await project({ "sub/atlas.config.yaml": text.join("\n"), "sub/functions/add-tax.ts": "" });
  const { config, findings } = await loadConfig(cwd, "sub/atlas.config.yaml");
  expect(findings).toMatchObject([
    {
      code: "ASP4016",
      message: "the function `gone` is to be ./functions, and there is no such file",
      file: "sub/atlas.config.yaml",
      line: 11,
      column: 27,
    },
  ]);
  expect(config?.connections["lambda"]?.functions).toEqual({
    "add-tax": { module: join(cwd, "sub/functions/add-tax.ts"), timeoutSec: 5 },
  });
});

test("the page of ASP4016 shows what leads to it and what does not", async () => {
  const { wrong, right } = readExamples("ASP4016");
  const codes = async (text = ""): Promise<readonly string[]> => {
    const cwd = await project({ "atlas.config.yaml": text, "functions/add-tax.ts": "" });
    return (await loadConfig(cwd)).findings.map(({ code }) => code);
  };
  expect(await codes(wrong[0]?.text)).toEqual(["ASP4016"]);
  expect(await codes(right[0]?.text)).toEqual([]);
});
