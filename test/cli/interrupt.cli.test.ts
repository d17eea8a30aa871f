import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { makeFolder } from "./run-cli.ts";
import { project } from "./sample.ts";
import { isAlive, spawnCli } from "./spawn-cli.ts";

const events = Array.from({ length: 1_000 }, (_, id) => JSON.stringify({ _id: id, type: "PaymentReceived" })).join(
  "\n",
);
const slowly = ["replay", "events.ndjson", "--rate", "10", "--json"];

describe("a command that is interrupted", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("by %s ends with %d, one JSON value, no process and no temporary folder", async (signal, expected) => {
    const cli = await spawnCli(slowly, { cwd: await makeFolder({ ...project, "events.ndjson": events }) });
    await cli.stderrHas(/^\d+ events?, /mu);
    const below = await cli.descendants();
    expect(below.length).toBeGreaterThan(0);
    cli.kill(signal);
    const { code, stdout, stderr } = await cli.result;
    expect(code).toBe(expected);
    expect(JSON.parse(stdout)).toEqual({ error: { message: `interrupted by ${signal}` } });
    expect(stderr).toContain(`asp: interrupted by ${signal}\n`);
    expect(stderr).not.toContain("ASP9000");
    for (const pid of below) expect(await isAlive(pid)).toBe(false);
    expect(await cli.leftovers()).toEqual([]);
  });

  test("while mongod starts ends the same way", async () => {
    const cli = await spawnCli(["doctor"], { cwd: await makeFolder(project) });
    while ((await cli.descendants()).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    cli.kill("SIGINT");
    expect((await cli.result).code).toBe(130);
    expect(await cli.leftovers()).toEqual([]);
  });
});

test("a mongod that dies in the middle of a replay is one clear message and exit 3", async () => {
  const cli = await spawnCli(slowly, { cwd: await makeFolder({ ...project, "events.ndjson": events }) });
  await cli.stderrHas(/^\d+ events?, /mu);
  for (const pid of await cli.descendants()) {
    const args = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0");
    if (args.includes("--replSet")) process.kill(pid, "SIGKILL");
  }
  const { code, stdout, stderr } = await cli.result;
  expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining("error[ASP4133]: ") });
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "ASP4133" } });
  expect(await cli.leftovers()).toEqual([]);
});

test("a reader that has gone is no failure", async () => {
  const cwd = await makeFolder(project);
  const main = new URL("../../dist/cli/main.js", import.meta.url).pathname;
  const child = spawn(process.execPath, [main, "compile"], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  expect(await once(child, "close")).toEqual([0, null]);
  expect(stderr).toBe("");
});
