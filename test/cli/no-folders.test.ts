import { describe, expect, test } from "vitest";
import { makeFolder, runCli } from "./run-cli.ts";
import { project } from "./sample.ts";

describe.runIf(process.platform === "linux")("a file system that makes no folders ends", () => {
  test.each([
    ["compile", "--out", "/proc/asp/definitions"],
    ["init", "/proc/asp"],
    ["emulator", "--data", "/proc/asp"],
  ])("asp %s %s with exit 3", async (...argv) => {
    const { code, stdout, stderr } = await runCli(
      argv.filter((text) => text !== undefined),
      {
        cwd: await makeFolder(project),
      },
    );
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toMatch(/\/proc\/asp.*operation not permitted/u);
  });
});
