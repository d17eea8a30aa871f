import { expect, test } from "vitest";
import { parseSync } from "oxc-parser";
import { yamlComments } from "../../src/config/yaml-comments.ts";
import { readIgnoreComments } from "../../src/diagnostics/ignore-comments.ts";

function read(text: string, file = "a.ts") {
  const comments = file.endsWith(".ts") ? parseSync(file, text).comments : yamlComments(text);
  const { adjustments, findings } = readIgnoreComments(file, text, comments);
  return {
    silenced: adjustments.map(({ code, reason, scope, at }) => {
      const line = scope.kind === "line" ? scope.line : undefined;
      return { code, reason, line, at: `${at.place?.line}:${at.place?.column}` };
    }),
    findings: findings.map(({ code, line, column }) => `${code} ${line}:${column}`),
  };
}

test("a comment that stands alone is about the next line", () => {
  expect(read("const a = 1;\n  // asp-ignore ASP1030: newer than us\n  f(a);\n")).toEqual({
    silenced: [{ code: "ASP1030", reason: "newer than us", line: 3, at: "2:17" }],
    findings: [],
  });
});

test("a comment behind code is about its own line", () => {
  expect(read("f(1); // asp-ignore ASP1030: newer\r\ng();").silenced).toEqual([
    { code: "ASP1030", reason: "newer", line: 1, at: "1:21" },
  ]);
});

test("several codes, with commas or spaces, one reason", () => {
  expect(read("/* asp-ignore ASP1030,ASP1006 ASP1008: as the service says: so */ f();").silenced).toEqual(
    [
      ["ASP1030", "1:15"],
      ["ASP1006", "1:23"],
      ["ASP1008", "1:31"],
    ].map(([code, at]) => ({ code, reason: "as the service says: so", line: 2, at })),
  );
});

test("comments above one another are about the line below them all", () => {
  const text = "// asp-ignore ASP1030: a\n// why\n/* asp-ignore ASP1006: b */\nf();";
  expect(read(text).silenced.map(({ code, line }) => [code, line])).toEqual([
    ["ASP1030", 4],
    ["ASP1006", 4],
  ]);
});

test("without a colon there is no reason", () => {
  expect(read("// asp-ignore ASP1030 it is newer\nf();").silenced).toEqual([
    { code: "ASP1030", reason: undefined, line: 2, at: "1:15" },
  ]);
  expect(read("// asp-ignore ASP1030:  \nf();").silenced[0]?.reason).toBeUndefined();
});

test("without a code it is a finding", () => {
  expect(read("  // asp-ignore: this asp thing is fine\nf();")).toEqual({ silenced: [], findings: ["ASP4025 1:6"] });
});

test.each([
  ["a text", 'f("// asp-ignore ASP1030: a");'],
  ["a template", "f(`\n// asp-ignore ASP1030: a\n`);"],
  ["prose", "// the comment asp-ignore ASP1030: a is one\nf();"],
  ["a longer word", "// asp-ignored ASP1030: a\n// asp-ignore-next ASP1030: a\nf();"],
])("%s is no such comment", (_, text) => expect(read(text)).toEqual({ silenced: [], findings: [] }));

test("YAML comments, and not what looks like one", () => {
  const text = [
    "a: x # asp-ignore ASP4010: elsewhere",
    'b: "# asp-ignore ASP4010: quoted"',
    "c: |",
    "  # asp-ignore ASP4010: in a block",
    "d: a#asp-ignore",
    "# asp-ignore ASP4009: later",
    "e: 1",
  ].join("\n");
  expect(read(text, "atlas.config.yaml").silenced).toEqual([
    { code: "ASP4010", reason: "elsewhere", line: 1, at: "1:19" },
    { code: "ASP4009", reason: "later", line: 7, at: "6:14" },
  ]);
});
