import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { addFiles, makeFolder } from "./run-cli.ts";
import { config, processor, project } from "./sample.ts";
import { spawnCli } from "./spawn-cli.ts";
import type { SpawnedCli } from "./spawn-cli.ts";

const sound = "1 processor checked: no findings";

/** Waits until a round after the last one that was asked for ends with this line: one save may be several rounds. */
function followRounds(cli: SpawnedCli): (line: string) => Promise<void> {
  let seen = 0;
  return async (line) => {
    for (;;) {
      const lines = await cli.stdoutLines(seen + 1);
      seen += 1;
      if (lines[seen - 1] === line) return;
    }
  };
}

async function watching(files: Readonly<Record<string, string>> = project, argv: readonly string[] = []) {
  const cwd = await makeFolder(files);
  const cli = await spawnCli(["validate", "--watch", ...argv], { cwd });
  return { cwd, cli, round: followRounds(cli), path: (file: string) => join(cwd, file) };
}

async function end(cli: SpawnedCli): Promise<void> {
  cli.kill("SIGINT");
  expect((await cli.result).code).toBe(130);
}

describe("asp validate --watch", () => {
  test("checks again when a module is saved, is half there, and is whole again", async () => {
    const { cli, round, path } = await watching();
    await round(sound);
    await writeFile(path("pipelines/payments.ts"), processor("payments").replace("$match", "$mach"));
    await round("1 processor checked: 1 error");
    await cli.stderrHas("there is no stage `$mach`");
    await writeFile(path("pipelines/payments.ts"), processor("payments").slice(0, 120));
    await round("0 processors checked: 1 error");
    await writeFile(path("pipelines/payments.ts"), processor("payments"));
    await round(sound);
    await end(cli);
  });

  test("says of each round whether it fails with --strict", async () => {
    const { cli, round, path } = await watching({ ...project, "pipelines/payments.ts": processor("payment") }, [
      "--strict",
    ]);
    await round("1 processor checked: 1 warning; --strict makes it fail");
    await writeFile(path("pipelines/payments.ts"), processor("payments").replace("$match", "$mach"));
    await round("1 processor checked: 1 error");
    await writeFile(path("pipelines/payments.ts"), processor("payments"));
    await round(sound);
    await end(cli);
  });

  test("sees a save by rename, again and again", async () => {
    const { cli, round, path } = await watching();
    await round(sound);
    for (const [stage, line] of [
      ["$mach", "1 processor checked: 1 error"],
      ["$match", sound],
      ["$mach", "1 processor checked: 1 error"],
    ] as const) {
      await writeFile(path("pipelines/payments.ts~"), processor("payments").replace("$match", stage));
      await rename(path("pipelines/payments.ts~"), path("pipelines/payments.ts"));
      await round(line);
    }
    await end(cli);
  });

  test("sees files and folders that come and go", async () => {
    const { cwd, cli, round, path } = await watching();
    await round(sound);
    await addFiles(cwd, { "pipelines/shop/refunds.ts": processor("refunds") });
    await round("2 processors checked: no findings");
    await writeFile(path("pipelines/shop/refunds.ts"), processor("refunds").replace("$match", "$mach"));
    await round("2 processors checked: 1 error");
    await rm(path("pipelines/shop"), { recursive: true });
    await round(sound);
    await rm(path("pipelines"), { recursive: true });
    await round("0 processors checked: 1 error");
    await addFiles(cwd, { "pipelines/payments.ts": processor("payments") });
    await round(sound);
    await writeFile(path("pipelines/payments.ts"), processor("payments").replace("$match", "$mach"));
    await round("1 processor checked: 1 error");
    await end(cli);
  });

  test("sees the config, which may be missing at first, and a module outside pipelines/", async () => {
    const { cwd, cli, round, path } = await watching({
      "pipelines/payments.ts": processor("payments").replace(
        '"asp-toolkit";',
        '"asp-toolkit";\nimport "../shared/names.ts";',
      ),
      "shared/names.ts": "export const a = 1;\n",
    });
    await round("1 processor checked: 1 error");
    await addFiles(cwd, { "atlas.config.yaml": config });
    await round(sound);
    await writeFile(path("shared/names.ts"), "export const a = ;\n");
    await round("0 processors checked: 1 error");
    await writeFile(path("shared/names.ts"), "export const a = 2;\n");
    await round(sound);
    await writeFile(path("atlas.config.yaml"), `${config}conections: {}\n`);
    await round("1 processor checked: 1 error");
    await end(cli);
  });

  test("checks again when a fixture changes, also where there was none", async () => {
    const { cwd, cli, round, path } = await watching();
    await round(sound);
    await addFiles(cwd, { "test/fixtures/one/given/shop.events.ndjson": "{}\n" });
    await round(sound);
    await writeFile(path("test/fixtures/one/given/shop.events.ndjson"), "{}\n{}\n");
    await round(sound);
    await end(cli);
  });

  test("a file that leads nowhere and a folder like a module end nothing", async () => {
    const { cli, round, path } = await watching();
    await round(sound);
    await symlink("nowhere", path("pipelines/.#payments.ts"));
    await symlink("nowhere", path("pipelines/lock.ts"));
    await mkdir(path("pipelines/folder.ts"));
    await writeFile(path("pipelines/payments.ts"), processor("payments").replace("$match", "$mach"));
    await round("1 processor checked: 1 error");
    await end(cli);
  });

  test("--json prints one value a line and nothing else", async () => {
    const { cli, path } = await watching(project, ["--json", "-q"]);
    await cli.stdoutLines(1);
    await writeFile(path("pipelines/payments.ts"), processor("payments").replace("$match", "$mach"));
    await cli.stdoutLines(2);
    await end(cli);
    const { stdout, stderr } = await cli.result;
    const rounds = stdout.trimEnd().split("\n");
    expect(rounds.map((line) => (JSON.parse(line) as { readonly errors: number }).errors).at(-1)).toBe(1);
    expect(stderr).toBe("");
  });
});
