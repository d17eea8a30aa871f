import { chmod, readFile } from "node:fs/promises";
import { join } from "node:path";
import { execPath } from "node:process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openEmulator } from "../deploy/support.ts";
import { connectMongod, type TestDatabase } from "../support/mongod.ts";
import { makeFolder, runCli } from "./run-cli.ts";
import { spawnCli } from "./spawn-cli.ts";
import { mongosh } from "../support/mongosh.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

/** A project, an emulator that it knows, and the real mongosh on the PATH. */
async function setUp() {
  const emulator = await openEmulator(mongod);
  const cwd = await makeFolder({
    "atlas.config.yaml": 'environments:\n  local: { target: emulator, uri: "${WIRE}" }\n',
    "bin/mongosh": `#!/bin/sh\nexec ${execPath} ${mongosh} --norc "$@"\n`,
  });
  await chmod(join(cwd, "bin", "mongosh"), 0o755);
  const env = {
    PATH: `${join(cwd, "bin")}:${process.env["PATH"] ?? ""}`,
    HOME: cwd,
    MONGOSH_FORCE_DISABLE_TELEMETRY_FOR_TESTING: "1",
  };
  const shell = (wire: string, ...args: readonly string[]) =>
    spawnCli(["shell", "--", ...args], { cwd, env: { ...env, WIRE: wire } });
  return { emulator, shell, cwd };
}

test("asp shell is mongosh at the workspace, and its password is on no command line and in no variable", async () => {
  const { emulator, shell } = await setUp();
  const script = `print("READY"); sleep(2000); print(JSON.stringify([sp.listConnections().length, process.env.ASP_SHELL_URI ?? null]))`;
  const cli = await shell(emulator.wire, "--eval", script);
  await cli.stdoutLines(1);
  const pids = await cli.descendants();
  expect(pids.length).toBeGreaterThan(0);
  const password = new URL(emulator.wire.replace("mongodb:", "http:")).password;
  for (const pid of [cli.pid, ...pids]) {
    expect(await readFile(`/proc/${pid}/cmdline`, "utf8")).not.toContain(password);
  }
  const { code, stdout } = await cli.result;
  expect(stdout).toContain("[2,null]");
  expect(code).toBe(0);
});

test("asp shell leaves Ctrl-C to mongosh, however often it comes", async () => {
  const { emulator, shell } = await setUp();
  const cli = await shell(emulator.wire, "--eval", 'print("READY"); sleep(3000); print("DONE")');
  await cli.stdoutLines(1);
  for (let count = 0; count < 3; count += 1) cli.kill("SIGINT");
  const { code, stdout } = await cli.result;
  expect(stdout).toContain("DONE");
  expect(code).toBe(0);
});

test("asp shell ends with 3 where mongosh cannot come in, and shows no password", async () => {
  const { emulator, shell } = await setUp();
  const cli = await shell(emulator.wire.replace(/:[^:@/]+@/, ":wr0ng-secret@"), "--eval", "1");
  const { code, stdout, stderr } = await cli.result;
  expect(code).toBe(3);
  expect(stdout + stderr).not.toContain("wr0ng-secret");
});

test("asp shell says that there is no mongosh", async () => {
  const { emulator, cwd } = await setUp();
  const { code, stderr } = await runCli(["shell"], { cwd, env: { WIRE: emulator.wire, PATH: join(cwd, "nothing") } });
  expect({ code, stderr }).toMatchObject({ code: 3, stderr: expect.stringContaining("error[ASP6077]") });
});
