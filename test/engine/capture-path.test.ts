import fc from "fast-check";
import { isAbsolute, join, relative, sep } from "node:path";
import { expect, test } from "vitest";
import { toCaptureFolder } from "../../src/engine/core/capture-path.ts";

test.each([
  [["acme", "orders/2026"], "acme/orders/2026"],
  [["acme", "/orders//2026/"], "acme/orders/2026"],
  [["acme", ""], "acme"],
  [["acme", "year=2026/a b"], "acme/year=2026/a%20b"],
  [["acme", "../../etc"], "acme/%2E./%2E./etc"],
  [["acme", ".parts/."], "acme/%2Eparts/%2E"],
  [["acme", "a\\b\0c:d"], "acme/a%5Cb%00c%3Ad"],
  [["acme", "größe"], "acme/gr%C3%B6%C3%9Fe"],
])("%j is %s", (names, folder) => {
  expect(toCaptureFolder(...names)).toEqual({ folder });
});

test("what no file system takes is refused", () => {
  expect(toCaptureFolder("acme", "x".repeat(201))).toMatchObject({ reason: expect.stringContaining("too long") });
  expect(toCaptureFolder("acme", "x/".repeat(600))).toMatchObject({ reason: expect.stringContaining("too long") });
});

test("nothing that a document says leaves the folder, or is hidden in it", () => {
  const law = fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (bucket, path) => {
    const found = toCaptureFolder(bucket, path);
    if ("reason" in found) return;
    const inside = relative("/captured", join("/captured", found.folder));
    expect(isAbsolute(inside)).toBe(false);
    expect(inside).toBe(found.folder.split("/").join(sep));
    expect(inside.split(sep).some((name) => name.startsWith("."))).toBe(false);
  });
  fc.assert(law, { numRuns: 1000 });
});
