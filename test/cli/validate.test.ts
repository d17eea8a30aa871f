import { describe, expect, test } from "vitest";
import { makeFolder, runCli } from "./run-cli.ts";
import { config, processor, project } from "./sample.ts";

describe("asp validate", () => {
  test("a sound project gets one line and exit 0", async () => {
    const cwd = await makeFolder(project);
    expect(await runCli(["validate"], { cwd })).toEqual({
      code: 0,
      stdout: "1 processor checked: no findings\n",
      stderr: "",
    });
  });

  test("findings go to stderr with file and line, and exit is 1", async () => {
    const cwd = await makeFolder({
      ...project,
      "pipelines/payments.ts": processor("payments").replace("$match", "$mach"),
    });
    const { code, stdout, stderr } = await runCli(["validate"], { cwd });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "1 processor checked: 1 error\n" });
    expect(stderr).toContain("there is no stage `$mach`");
    expect(stderr).toContain("--> pipelines/payments.ts:7:");
    expect(stderr).toContain("{ $mach: { type:");
    expect(stderr).toContain("did you mean `$match`?");
  });

  test("--json is one value with the same findings", async () => {
    const cwd = await makeFolder({ ...project, "pipelines/payments.ts": processor("payment") });
    const { code, stdout } = await runCli(["validate", "--json"], { cwd });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      findings: [expect.objectContaining({ code: "ASP4057", severity: "warning", processor: "payment", line: 4 })],
      errors: 0,
      warnings: 1,
    });
  });

  test("--strict makes a warning count", async () => {
    const cwd = await makeFolder({ ...project, "pipelines/payments.ts": processor("payment") });
    expect(await runCli(["validate"], { cwd })).toMatchObject({ code: 0, stdout: "1 processor checked: 1 warning\n" });
    const stdout = "1 processor checked: 1 warning; --strict makes it fail\n";
    expect(await runCli(["validate", "--strict"], { cwd })).toMatchObject({ code: 1, stdout });
  });

  test("only the named processors are told about", async () => {
    const cwd = await makeFolder({
      ...project,
      "pipelines/refunds.ts": processor("refunds").replace("$match", "$mach"),
    });
    expect(await runCli(["validate", "payments"], { cwd })).toMatchObject({ code: 0, stderr: "" });
    expect((await runCli(["validate", "refunds"], { cwd })).code).toBe(1);
  });

  test("needs no environment variable", async () => {
    const cwd = await makeFolder(project);
    expect((await runCli(["validate", "--env", "staging"], { cwd })).code).toBe(0);
  });

  test("colour only on a terminal, and not against NO_COLOR or --no-color", async () => {
    const cwd = await makeFolder({ ...project, "pipelines/payments.ts": processor("payment") });
    const stderrOf = async (argv: readonly string[], env: Readonly<Record<string, string>>, isTTY: boolean) =>
      (await runCli(["validate", ...argv], { cwd, env, isTTY })).stderr;
    expect(await stderrOf([], {}, true)).toContain("\u001B[");
    const plain = await stderrOf([], {}, false);
    expect(plain).not.toContain("\u001B[");
    expect(await stderrOf([], { NO_COLOR: "1" }, true)).toBe(plain);
    expect(await stderrOf(["--no-color"], {}, true)).toBe(plain);
  });
});

describe("bad input: config", () => {
  test("no config", async () => {
    const cwd = await makeFolder();
    const { code, stderr } = await runCli(["validate"], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain("error[ASP4005]: there is no atlas.config.yaml");
    expect(stderr).toContain("run `asp init`");
  });

  test("a config file that is not there", async () => {
    const cwd = await makeFolder(project);
    const { code, stderr } = await runCli(["validate", "--config", "atlas.yaml"], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain("error[ASP4005]: there is no atlas.yaml");
  });

  test("an unknown key", async () => {
    const cwd = await makeFolder({
      ...project,
      "atlas.config.yaml": config.replace("\nconnections:", "\nconections:"),
    });
    const { code, stderr } = await runCli(["validate"], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain("unknown key `conections`");
    expect(stderr).toContain("--> atlas.config.yaml:2:1");
    expect(stderr).toContain("did you mean `connections`?");
  });

  test("an unknown environment", async () => {
    const cwd = await makeFolder(project);
    const { code, stderr } = await runCli(["validate", "-e", "stagin"], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain("there is no environment `stagin`");
    expect(stderr).toContain("--> atlas.config.yaml:5:1");
    expect(stderr).toContain("did you mean `staging`?");
  });

  test("an unknown processor", async () => {
    const cwd = await makeFolder(project);
    for (const command of ["validate", "compile", "run"]) {
      const { code, stderr } = await runCli([command, "paymets"], { cwd });
      expect(code).toBe(1);
      expect(stderr).toContain("error[ASP4150]: no processor is named `paymets`");
      expect(stderr).toContain("did you mean `payments`?");
    }
  });

  test("a missing environment variable, where it is used", async () => {
    const cwd = await makeFolder(project);
    const { code, stdout, stderr } = await runCli(["run", "-e", "staging", "--json"], {
      cwd,
      env: { EVENT_URI: "mongodb://secret@host" },
    });
    expect(code).toBe(1);
    expect(stderr).toContain("the environment variable `EVENTS_URI` is not set");
    expect(stderr).toContain("--> atlas.config.yaml:10:");
    expect(stderr).toContain("did you mean `EVENT_URI`?");
    expect(stderr).not.toContain("secret");
    expect(JSON.parse(stdout)).toMatchObject({ warnings: 0 });
  });
});

describe("bad input: modules", () => {
  const broken: readonly (readonly [string, string, string, string])[] = [
    ["does not parse", "export default {\n", "cannot be read", "pipelines/broken.ts:"],
    ["throws", '\nthrow new Error("no rates today");\n', "no rates today", "pipelines/broken.ts:2:"],
    ["exports the wrong thing", "export default 3;\n", "default export is a number", "pipelines/broken.ts:1:"],
    ["has the name of another", processor("payments"), "two processors are named `payments`", "pipelines/broken.ts:4:"],
  ];

  test.each(broken)(
    "a module that %s is told with its line, and the others are checked",
    async (_, text, message, at) => {
      const cwd = await makeFolder({
        ...project,
        "pipelines/broken.ts": text,
        "pipelines/refunds.ts": processor("refunds").replace("$match", "$mach"),
      });
      const { code, stderr } = await runCli(["validate"], { cwd });
      expect(code).toBe(1);
      expect(stderr).toContain(message);
      expect(stderr).toContain(`--> ${at}`);
      expect(stderr).toContain("there is no stage `$mach`");
    },
  );
});

test("where `connections` is misspelt, that is said, and not once for each connection", async () => {
  const cwd = await makeFolder({ ...project, "atlas.config.yaml": config.replace("connections:", "conections:") });
  const { code, stdout } = await runCli(["validate", "--json"], { cwd });
  expect(code).toBe(1);
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly { code: string; help: string }[] };
  expect(findings.map(({ code: found, help }) => `${found} ${help}`)).toEqual(["ASP4002 did you mean `connections`?"]);
});
