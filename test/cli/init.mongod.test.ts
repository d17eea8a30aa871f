import { expect, test } from "vitest";
import { makeFolder, runCli } from "./run-cli.ts";

test("a new project is valid and its case is green", async () => {
  const cwd = await makeFolder();
  const env = { ...process.env, CI: "true" } as Readonly<Record<string, string>>;
  await runCli(["init"], { cwd });
  expect(await runCli(["validate", "--strict"], { cwd })).toMatchObject({ code: 0, stderr: "" });
  const { code, stdout, stderr } = await runCli(["test", "--strict"], { cwd, env });
  expect(stderr).not.toContain("error[");
  expect(stdout).toContain("1 passed");
  expect(code).toBe(0);
});
