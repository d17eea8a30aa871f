import { mkdtemp, readFile, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { keepFile, readKept } from "../../src/cli/keep-file.ts";

async function makeCache(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "asp-keep-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "code");
}

test("a file is kept under its name, and nothing beside it", async () => {
  const folder = await makeCache();
  expect(readKept(folder, "a")).toBeUndefined();
  keepFile(folder, "a", Buffer.from("one"));
  keepFile(folder, "a", Buffer.from("two"));
  expect(readKept(folder, "a")?.toString()).toBe("two");
  expect(await readdir(folder)).toEqual(["a"]);
});

test("the twenty that were written last stay", async () => {
  const folder = await makeCache();
  const names = Array.from({ length: 20 }, (_, index) => `file-${String(index).padStart(2, "0")}`);
  for (const [index, name] of names.entries()) {
    keepFile(folder, name, Buffer.from(name));
    // The second one is the oldest.
    const writtenAt = new Date(Date.now() - (index === 1 ? 100_000 : 1000 * (20 - index)));
    await utimes(join(folder, name), writtenAt, writtenAt);
  }
  expect(await readdir(folder)).toEqual(names);
  keepFile(folder, "new", Buffer.from("new"));
  expect(await readdir(folder)).toEqual([...names.filter((name) => name !== "file-01"), "new"]);
});

test("a folder that cannot be written to is no failure", async () => {
  const folder = await makeCache();
  await writeFile(folder, "a file");
  keepFile(folder, "a", Buffer.from("one"));
  expect(readKept(folder, "a")).toBeUndefined();
  expect(await readFile(folder, "utf8")).toBe("a file");
});
