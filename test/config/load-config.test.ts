import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "../../src/config/load-config.ts";
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
