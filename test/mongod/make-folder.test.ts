import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeFolder } from "../../src/mongod/make-folder.ts";

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "asp-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("a folder is made with those above it, and the first that was missing is told", () => {
  const root = temporary();
  expect(makeFolder(join(root, "a/b/c"), { mode: 0o700 })).toBe(join(root, "a"));
  expect(statSync(join(root, "a/b/c")).mode & 0o777).toBe(0o700);
  expect(makeFolder(join(root, "a/b/c"))).toBeUndefined();
  expect(makeFolder(join(root, "a/b/d"))).toBe(join(root, "a/b/d"));
});

test("a file in the way is said", () => {
  const root = temporary();
  writeFileSync(join(root, "file"), "");
  expect(() => makeFolder(join(root, "file"))).toThrow(expect.objectContaining({ code: "EEXIST" }));
  expect(() => makeFolder(join(root, "file/a/b"))).toThrow(expect.objectContaining({ code: "ENOTDIR" }));
});

test("a folder may be reached through a link", () => {
  const root = temporary();
  mkdirSync(join(root, "real"));
  expect(makeFolder(join(root, "real/../real/x"))).toBe(join(root, "real/x"));
});

test.runIf(process.platform === "linux")("a file system that makes no folders refuses at once", () => {
  for (const path of ["/proc/asp", "/proc/asp/a/b"]) {
    expect(() => makeFolder(path)).toThrow(expect.objectContaining({ code: "EPERM", path: "/proc/asp" }));
  }
});
