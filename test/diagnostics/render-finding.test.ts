import fc from "fast-check";
import { expect, test } from "vitest";
import type { Finding } from "../../src/diagnostics/finding.ts";
import { countFindings, renderFinding, renderFindings } from "../../src/diagnostics/render-finding.ts";

const finding: Finding = {
  code: "ASP2003",
  severity: "error",
  message: "`$merge` must be the last stage",
  processor: "orders",
  path: [1],
  file: "pipelines/orders.ts",
  line: 2,
  column: 5,
  notes: ["these stages would never see a document: $addFields"],
  help: "move the sink to the end, or split the pipeline into two processors",
};
const text = '  pipeline: [\n    { $merge: { into: { connectionName: "atlas", db: "shop", coll: "orders" } } },\n';

const render = (change: Partial<Finding> = {}, source: string | undefined = text): string =>
  renderFinding({ ...finding, ...change }, { source: () => source, color: false });

/** The character that stands above the first caret. */
const aboveCaret = (rendered: string): string | undefined => {
  const lines = rendered.split("\n");
  const index = lines.findIndex((line) => /^ +\| \s*\^/.test(line));
  return lines[index - 1]?.slice(lines[index]?.indexOf("^"))[0];
};

test("a finding shows its place, its line, notes, help and where to read more", () => {
  expect(render()).toBe(
    [
      "error[ASP2003]: `$merge` must be the last stage",
      "  --> pipelines/orders.ts:2:5          orders › stage 2 ($merge)",
      "   |",
      ' 2 |     { $merge: { into: { connectionName: "atlas", db: "shop", coll: "orders" } } },',
      "   |     ^^^^^^^^",
      "   = note: these stages would never see a document: $addFields",
      "   = help: move the sink to the end, or split the pipeline into two processors",
      "   = more: asp explain ASP2003",
    ].join("\n"),
  );
});

test("the rule may say how wide the caret is", () => {
  expect(render({ length: 6 })).toContain("   |     ^^^^^^\n");
});

test.each([
  [[1, "$merge", "into", "coll"], "orders › stage 2 ($merge) › into.coll"],
  [[2, "pipeline", 0], "orders › stage 3 › stage 1 ($merge)"],
  [[2, "$tumblingWindow", "pipeline", 0, "$group"], "orders › stage 3 ($tumblingWindow) › stage 1 ($group)"],
  [["options", "dlq"], "orders › options.dlq"],
  [[0, "$facet", "a", 3], "orders › stage 1 ($facet) › a.3"],
])("the path %j reads %s", (path, expected) => {
  expect(render({ path }).split("\n")[1]).toBe(`  --> pipelines/orders.ts:2:5          ${expected}`);
});

test("without a place there is no snippet", () => {
  const { file, line, column, path, processor, ...rest } = finding;
  expect(renderFinding(rest, { color: false })).toBe(
    [
      "error[ASP2003]: `$merge` must be the last stage",
      "   = note: these stages would never see a document: $addFields",
      "   = help: move the sink to the end, or split the pipeline into two processors",
      "   = more: asp explain ASP2003",
    ].join("\n"),
  );
});

test("a file that cannot be read, or is shorter by now, leaves the place without the snippet", () => {
  expect(renderFinding(finding, { source: () => undefined, color: false })).not.toContain("|");
  expect(render({ line: 99 })).toContain("  --> pipelines/orders.ts:99:5");
  expect(render({ line: 99 })).not.toContain("|");
});

test("wide characters and combining marks before the place do not move the caret off it", () => {
  const rendered = render({ line: 1, column: 7 }, "注文🛒é x: 1".normalize("NFD"));
  const [line, caret] = rendered.split("\n").slice(3, 5);
  // Two columns each for 注, 文 and the cart, one for e with its accent, one for the space.
  expect(caret).toBe(`   | ${" ".repeat(7)}^`);
  expect(line).toContain("注文🛒");
});

test("tabs are repeated under the line, so that any tab width fits", () => {
  expect(render({ line: 1, column: 4 }, "\t\tx$merge")).toContain("\n   | \t\t ^^^^^^");
});

test("of a very long line only the part around the place is shown", () => {
  const rendered = render({ line: 1, column: 5001 }, `${"a,".repeat(2500)}$merge,${"b,".repeat(5000)}`);
  expect(Math.max(...rendered.split("\n").map((line) => line.length))).toBeLessThan(200);
  expect(aboveCaret(rendered)).toBe("$");
});

test("line numbers of more digits widen the gutter", () => {
  const rendered = render({ line: 1234 }, "\n".repeat(1233) + text.split("\n")[1]);
  expect(rendered).toContain("\n    --> pipelines/orders.ts:1234:5");
  expect(rendered).toContain("\n1234 |     { $merge");
  expect(rendered).toContain("\n     |     ^^^^^^^^");
});

test("control characters in names and sources never reach the terminal", () => {
  const rendered = render({ message: "evil \u001b[2J\nname", processor: "a\u0007b", line: 1 }, "\u001b[31m$x");
  expect(rendered).toContain("error[ASP2003]: evil \\u001b[2J\\nname");
  expect(rendered.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
});

test("secrets on the shown line of a config file are covered, variables are not", () => {
  const config = 'auth: { type: x, clientSecret: "hunter2", password: ${PASS}, uri: mongodb://bob:tiger@host }';
  const rendered = render({ file: "atlas.config.yaml", line: 1, column: 9 }, config);
  expect(rendered).not.toMatch(/hunter2|tiger/);
  expect(rendered).toContain("${PASS}");
  expect(aboveCaret(rendered)).toBe("t");
});

test("colour adds escapes and nothing else", () => {
  const colored = renderFinding(finding, { source: () => text, color: true });
  // oxlint-disable-next-line no-control-regex -- the escapes are what is looked for
  expect(colored.replaceAll(/\u001b\[[\d;]*m/g, "")).toBe(render());
  expect(colored).toContain("\u001b[1;31merror[ASP2003]\u001b[0m");
});

test("findings are sorted by file, line and severity, and counted at the end", () => {
  const list: Finding[] = [
    { code: "ASP1", severity: "error", message: "no place" },
    { code: "ASP2", severity: "warning", message: "b", file: "b.ts", line: 1, column: 1 },
    { code: "ASP3", severity: "warning", message: "a2w", file: "a.ts", line: 2, column: 1 },
    { code: "ASP4", severity: "error", message: "a2e", file: "a.ts", line: 2, column: 9 },
    { code: "ASP5", severity: "error", message: "a1", file: "a.ts", line: 1, column: 1 },
  ];
  const rendered = renderFindings(list, { color: false });
  expect([...rendered.matchAll(/\[(ASP\d)\]/g)].map((match) => match[1])).toEqual([
    "ASP5",
    "ASP4",
    "ASP3",
    "ASP2",
    "ASP1",
  ]);
  expect(rendered.endsWith("\n\n3 errors, 2 warnings")).toBe(true);
  expect(renderFindings([], { color: false })).toBe("");
});

test.each([
  [["error"], "1 error"],
  [["error", "error", "warning"], "2 errors, 1 warning"],
  [["info"], "1 remark"],
  [[], "no findings"],
] as const)("%j is counted as %s", (severities, expected) => {
  const list = severities.map((severity): Finding => ({ code: "ASP1", severity, message: "" }));
  expect(countFindings(list)).toBe(expected);
});

test("any text at any place renders", () => {
  const place = fc.option(fc.integer({ min: 1, max: 40 }), { nil: 1 });
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), place, place, (source, line, column) => {
      expect(render({ line, column }, source)).toContain("asp explain ASP2003");
    }),
  );
});
