import { mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeFolder } from "./run-cli.ts";
import { processor, project } from "./sample.ts";
import { spawnCli } from "./spawn-cli.ts";

/** A cache of one's own, and the command that uses it: what it says, and what the cache has then. */
async function withCache() {
  const cache = await mkdtemp(join(tmpdir(), "asp-cache-"));
  onTestFinished(() => rm(cache, { recursive: true, force: true }));
  const folder = join(cache, "asp-toolkit/code");
  const cwd = await makeFolder({ ...project, "pipelines/payments.ts": processor("payments") });
  const run = async (argv: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const { code, stdout } = await (await spawnCli(argv, { cwd, env: { XDG_CACHE_HOME: cache, ...env } })).result;
    const kept = await readdir(folder).catch((): string[] => []);
    return { code, stdout, kept: kept.map((name) => join(folder, name)) };
  };
  return { cache, cwd, run };
}

test("what V8 made of a command's code is kept, and used by the next one", async () => {
  const { run } = await withCache();
  const first = await run(["validate", "--json"]);
  expect(first).toMatchObject({ code: 0, kept: [expect.stringContaining("/validate-")] });
  const [file = ""] = first.kept;
  const before = await stat(file);
  const second = await run(["validate", "--json"]);
  expect(second).toEqual(first);
  // Whatever V8 refuses is written again.
  expect((await stat(file)).ino).toBe(before.ino);
  expect((await run(["compile"])).kept).toHaveLength(2);
});

test("a command that was kept imports what the bundler makes", async () => {
  const { cwd, run } = await withCache();
  await run(["validate", "--json"]);
  const needsBundler = `export const list = await Promise.all([import("./payments.ts")]);\n`;
  await writeFile(join(cwd, "pipelines/helper.ts"), needsBundler);
  const plain = await run(["validate", "--json"], { NODE_DISABLE_COMPILE_CACHE: "1" });
  expect(plain.code).toBe(0);
  expect(await run(["validate", "--json"])).toEqual(plain);
});

test("what was made of a module is used while its text is the same", async () => {
  const { cache, cwd, run } = await withCache();
  const folder = join(cache, "asp-toolkit/modules");
  const first = await run(["compile"]);
  const [file = ""] = await readdir(folder);
  const before = await stat(join(folder, file));
  expect(await run(["compile"])).toMatchObject({ code: 0, stdout: first.stdout });
  expect((await stat(join(folder, file))).ino).toBe(before.ino);
  const path = join(cwd, "pipelines/payments.ts");
  await writeFile(path, (await readFile(path, "utf8")).replace(/coll: "\w+"/u, 'coll: "others"'));
  const changed = await run(["compile"]);
  expect(changed.stdout).toContain('"others"');
  expect(await run(["compile"])).toMatchObject({ code: 0, stdout: changed.stdout });
  expect(await readdir(folder)).toEqual([file]);
});

test("what is kept and spoilt is not used, and written again", async () => {
  const { run } = await withCache();
  const first = await run(["validate", "--json"]);
  const [file = ""] = first.kept;
  const whole = await readFile(file);
  const spoilt = Buffer.from(whole);
  spoilt.fill(0x5a, 64);
  for (const bytes of [Buffer.alloc(0), Buffer.from("no code"), whole.subarray(0, whole.length / 2), spoilt]) {
    await writeFile(file, bytes);
    expect(await run(["validate", "--json"])).toEqual(first);
    const written = await readFile(file);
    expect(written.equals(bytes)).toBe(false);
    expect(written.length).toBeGreaterThan(whole.length / 2);
  }
});

test("nothing is kept where that is not wanted, where it cannot be, or of a command that failed", async () => {
  const { cache, run } = await withCache();
  expect(await run(["validate"], { NODE_DISABLE_COMPILE_CACHE: "1" })).toMatchObject({ code: 0, kept: [] });
  expect(await run(["../../validate"])).toMatchObject({ code: 64, kept: [] });
  expect(await run(["validate", "nobody"])).toMatchObject({ code: 1, kept: [] });
  await writeFile(join(cache, "asp-toolkit"), "a file in the place of the folder");
  expect(await run(["validate"])).toMatchObject({ code: 0, kept: [] });
});
