import { describe, expect, test } from "vitest";
import { runCli } from "./run-cli.ts";

describe("the command line", () => {
  test("a near-miss of a command gets a suggestion and exit 64", async () => {
    expect(await runCli(["valdate"])).toEqual({
      code: 64,
      stdout: "",
      stderr: "asp: unknown command `valdate`\ndid you mean `asp validate`?\n",
    });
  });

  test("a near-miss of an option gets a suggestion, the usage and exit 64", async () => {
    const { code, stdout, stderr } = await runCli(["explain", "ASP9000", "--jso"]);
    expect({ code, stdout, stderr }).toEqual({
      code: 64,
      stdout: "",
      stderr: "asp: unknown option '--jso'\ndid you mean --json?\nusage: asp explain [options] [code]\n",
    });
  });

  test("an option before the command that nobody knows is refused", async () => {
    const { code, stderr } = await runCli(["--jsn"]);
    expect(code).toBe(64);
    expect(stderr).toContain("unknown option '--jsn'");
    expect(stderr).toContain("did you mean --json?");
  });

  test("without a command the help goes to stderr with exit 64", async () => {
    const { code, stdout, stderr } = await runCli([]);
    expect({ code, stdout }).toEqual({ code: 64, stdout: "" });
    expect(stderr).toContain("asp: no command given");
    expect(stderr).toContain("asp <command> [options]");
  });

  test("`explain` without a code lists them all, each with what it is about", async () => {
    const { code, stdout } = await runCli(["explain"]);
    expect(code).toBe(0);
    expect(stdout).toContain("ASP4155  the file system refused\n");
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("asp explain <code> shows one of them");
    const json = JSON.parse((await runCli(["explain", "--json"])).stdout) as { readonly pages: readonly object[] };
    expect(json.pages).toContainEqual({ code: "ASP4155", title: "the file system refused" });
  });

  test("too many operands are refused", async () => {
    const { code, stderr } = await runCli(["explain", "ASP9000", "ASP4150"]);
    expect(code).toBe(64);
    expect(stderr).toContain("too many arguments");
  });

  test.each([
    [["plan", "-e", "x", "--suffix", "a b"], "1 to 30 letters, digits, `_` and `-`"],
    [["plan", "orders", "-e", "x"], "choose processors with `--only orders,payments`"],
    [["deploy", "a.plan", "b.plan"], "choose processors with `--only orders,payments`"],
    [["logs", "--since", "1h", "--until", "2h"], "--since is not before the end"],
    [["logs", "--since", "2999-01-01"], "--since is not before the end"],
    [["graph", "--out", "lineage.pdf"], "use .mmd, .mermaid, .dot, .gv, .svg, .html, .txt, or say it with --format"],
    [["dlq", "list", "orders"], "choose a processor with `--processor <name>`"],
    [["shell", "--eval", "1"], "what is for mongosh comes after `--`"],
    [["dlq", "show"], "`asp dlq list` shows ids"],
  ])("what is wrong is said with what to do: %j", async (argv, help) => {
    const { code, stderr } = await runCli(argv);
    expect(code).toBe(64);
    expect(stderr).toContain(help);
  });

  test("an option without its value is refused", async () => {
    const { code, stderr } = await runCli(["explain", "ASP9000", "--config"]);
    expect(code).toBe(64);
    expect(stderr).toContain("option '--config <file>' argument missing");
  });

  test("a wrong command line with --json is one JSON value on stdout", async () => {
    const { code, stdout } = await runCli(["--json", "valdate"]);
    expect(code).toBe(64);
    expect(JSON.parse(stdout)).toEqual({
      error: { message: "unknown command `valdate`", help: "did you mean `asp validate`?" },
    });
  });

  test("global options may stand before the command and after it", async () => {
    const before = await runCli(["--json", "-e", "staging", "--no-color", "explain", "ASP9000"]);
    const after = await runCli(["explain", "ASP9000", "--env=staging", "--json"]);
    expect(before.code).toBe(0);
    expect(before).toEqual(after);
    expect(JSON.parse(before.stdout)).toMatchObject({ code: "ASP9000" });
  });

  test("--version prints the version alone", async () => {
    expect(await runCli(["-v", "--version"])).toEqual({ code: 0, stdout: "0.0.0-test\n", stderr: "" });
    expect(await runCli(["--version", "--json"])).toMatchObject({ stdout: '{"version":"0.0.0-test"}\n' });
  });

  test("the help names every command", async () => {
    const { code, stdout } = await runCli(["--help"]);
    expect(code).toBe(0);
    const names = [...stdout.matchAll(/^  ([a-z]+)(?: [[<]\S*)?  +[A-Z]/gmu)].map((match) => match[1]);
    expect(names).toEqual([
      "init",
      "validate",
      "compile",
      "test",
      "dev",
      "replay",
      "run",
      "emulator",
      "plan",
      "deploy",
      "destroy",
      "rebuild",
      "status",
      "start",
      "stop",
      "sample",
      "stats",
      "logs",
      "shell",
      "import",
      "dlq",
      "graph",
      "explain",
      "doctor",
    ]);
  });

  test.each([
    "init",
    "validate",
    "compile",
    "test",
    "dev",
    "replay",
    "run",
    "emulator",
    "plan",
    "deploy",
    "destroy",
    "import",
    "graph",
    "explain",
    "doctor",
  ])("asp %s --help shows its usage, its options and examples", async (name) => {
    const { code, stdout, stderr } = await runCli([name, "--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`Usage: asp ${name}`);
    expect(stdout).toContain("--json");
    expect(stdout).toContain(`Examples:\n  $ asp ${name}`);
    expect((await runCli(["help", name])).stdout).toBe(stdout);
  });
});
