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

test("what nobody wrote for a month goes when something else is kept", async () => {
  const folder = await makeCache();
  for (const name of ["old", "recent"]) keepFile(folder, name, Buffer.from(name));
  const daysAgo = (days: number): Date => new Date(Date.now() - days * 24 * 60 * 60 * 1000);
  await utimes(join(folder, "old"), daysAgo(31), daysAgo(31));
  await utimes(join(folder, "recent"), daysAgo(29), daysAgo(29));
  keepFile(folder, "new", Buffer.from("new"));
  expect(await readdir(folder)).toEqual(["new", "recent"]);
});

test("a folder that cannot be written to is no failure", async () => {
  const folder = await makeCache();
  await writeFile(folder, "a file");
  keepFile(folder, "a", Buffer.from("one"));
  expect(readKept(folder, "a")).toBeUndefined();
  expect(await readFile(folder, "utf8")).toBe("a file");
});
