import { expect, test } from "vitest";
import { makeFolder } from "./run-cli.ts";
import { processor, project } from "./sample.ts";
import { spawnCli } from "./spawn-cli.ts";

test("what a pipeline module prints goes to stderr: stdout stays one JSON value", async () => {
  const cwd = await makeFolder({
    ...project,
    "pipelines/payments.ts": `console.log("debug");\n${processor("payments")}`,
  });
  const { code, stdout, stderr } = await (await spawnCli(["validate", "--json"], { cwd })).result;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ findings: [], errors: 0, warnings: 0 });
  expect(stderr).toContain("debug\n");
});
