import { expect, test } from "vitest";
import { makeFolder } from "./run-cli.ts";
import { project } from "./sample.ts";
import { spawnCli } from "./spawn-cli.ts";

test("asp as built operates an asp emulator as built, and Ctrl-C ends --watch with 130", async () => {
  const emulator = await spawnCli(["emulator", "--json"], { cwd: await makeFolder(project) });
  const [line = ""] = await emulator.stdoutLines(1);
  const { wire = "" } = JSON.parse(line) as { readonly wire?: string };
  const config = 'environments:\n  local: { target: emulator, workspace: local, uri: "${WIRE}" }\n';
  const cwd = await makeFolder({ "atlas.config.yaml": config, "pipelines/none.ts": "export default [];" });
  const env = { WIRE: wire };
  const doctor = await (await spawnCli(["doctor", "--json"], { cwd, env })).result;
  expect(doctor.stderr).toBe("");
  expect(JSON.parse(doctor.stdout)).toMatchObject({
    checks: expect.arrayContaining([expect.objectContaining({ name: "role", status: "ok" })]),
  });
  const start = await (await spawnCli(["start", "orders"], { cwd, env })).result;
  expect(start).toMatchObject({ code: 1, stderr: expect.stringContaining("error[ASP6072]") });
  const watch = await spawnCli(["status", "--watch", "--interval", "0.1"], { cwd, env });
  await watch.stdoutLines(7);
  watch.kill("SIGINT");
  const { code, stdout, stderr } = await watch.result;
  expect({ code, stderr }).toEqual({ code: 130, stderr: "asp: interrupted by SIGINT\n" });
  expect(stdout).toContain("no processors\n");
  expect(await watch.leftovers()).toEqual([]);
  emulator.kill("SIGTERM");
  await emulator.result;
});
