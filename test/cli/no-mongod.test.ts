import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder, runCli } from "./run-cli.ts";
import { project } from "./sample.ts";

const files = { ...project, "test/fixtures/one/given/shop.events.ndjson": '{"_id":1}\n' };

test.each([
  ["test", []],
  ["replay", ["one"]],
  ["run", []],
  ["emulator", []],
  ["doctor", []],
])("asp %s on a machine without a mongod ends with 3 and lists where it looked", async (command, more) => {
  const cwd = await makeFolder(files);
  const env = {
    HOME: cwd,
    XDG_CACHE_HOME: join(cwd, "cache"),
    PATH: join(cwd, "bin"),
    MONGOMS_RUNTIME_DOWNLOAD: "false",
  };
  const { code, stdout, stderr } = await runCli([command, ...more], { cwd, env });
  expect(code).toBe(3);
  const shown = stdout + stderr;
  expect(shown).toContain("no mongod was found");
  expect(shown).toContain("ASP5200");
  expect(shown).toContain("PATH: ");
  expect(shown).toContain("memory-server-download: switched off by MONGOMS_RUNTIME_DOWNLOAD");
});
