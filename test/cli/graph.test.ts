import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv } from "ajv";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { graphReportSchema, type GraphReport } from "../../src/cli/graph/graph-report.ts";
import { layOut } from "../../src/cli/graph/lay-out.ts";
import { renderGraph } from "../../src/cli/graph/render-graph.ts";
import type { Lineage, LineageEdge } from "../../src/compiler/lineage/lineage.ts";
import { addFiles, makeFolder, runCli } from "./run-cli.ts";
import { processor, project } from "./sample.ts";

/** Throws where a text is no well-formed XML: tags that do not match, quotes and ampersands that stand by themselves. */
function checkXml(text: string): void {
  const open: string[] = [];
  const tags = /<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/gy;
  let at = 0;
  for (const next = () => text.indexOf("<", at); next() !== -1; at = tags.lastIndex) {
    checkText(text.slice(at, next()));
    tags.lastIndex = next();
    const tag = tags.exec(text);
    if (tag === null) throw new Error(`no tag: ${text.slice(next(), next() + 80)}`);
    const [, end, name = "", attributes = "", empty] = tag;
    checkText(attributes);
    if (end === "/") {
      if (open.pop() !== name) throw new Error(`</${name}> closes nothing`);
    } else if (empty !== "/") open.push(name);
  }
  checkText(text.slice(at));
  if (open.length > 0) throw new Error(`open: ${open.join()}`);
}

function checkText(text: string): void {
  // oxlint-disable-next-line no-control-regex -- these are the characters to find
  if (/&(?!(?:amp|lt|gt|quot|#39);)|[\u0000-\u0008\u000b\u000c\u000e-\u001f\p{Cs}\ufffe\uffff]/u.test(text)) {
    throw new Error(`not escaped: ${JSON.stringify(text)}`);
  }
}

test("the check of XML sees what is wrong", () => {
  for (const text of ["<a>", "<a></b>", "<a>&</a>", '<a b="<"/>', "<a b=c/>", "<a>\u0001</a>"]) {
    expect(() => checkXml(text), text).toThrow(/no tag|not escaped|closes nothing|open/);
  }
  checkXml('<a b="c &amp; d"><e/>x</a>');
});

const odd = [
  'a"b',
  "<script>alert(1)</script>",
  "x]]>&amp;",
  "\u0001\n\ud800",
  "ünïcødé 🎉",
  "end",
  "`**x**`",
  "\\",
  "--",
  "",
];

function lineageOf(links: readonly (readonly [from: number, to: number])[], names: readonly string[]): Lineage {
  const id = (index: number): string => (index % 2 === 0 ? `processor:${index}` : `collection:x/${index}`);
  return {
    processors: names.flatMap((name, index) => (index % 2 === 0 ? [{ id: id(index), name }] : [])),
    resources: names.flatMap((name, index) =>
      index % 2 === 0
        ? []
        : [{ id: id(index), kind: "collection" as const, name, connections: [name], isComputed: false }],
    ),
    edges: links.map(([from, to]): LineageEdge => {
      return { from: id(from), to: id(to), kind: from % 2 === 0 ? "writes" : "reads" };
    }),
  };
}

const formats = ["text", "mermaid", "dot", "svg", "html"] as const;

describe.each(formats)("as %s", (format) => {
  const render = (lineage: Lineage): Promise<string> =>
    renderGraph(lineage, { format, title: "a <b> & c", color: false });

  test("odd names break nothing", async () => {
    const names = odd.flatMap((name) => [name, name]);
    const text = await render(
      lineageOf(
        names.map((_, index) => [index, (index + 1) % names.length]),
        names,
      ),
    );
    if (format !== "text" && format !== "dot") expect(text).not.toContain("<script>alert");
    // oxlint-disable-next-line no-control-regex -- these are the characters to find
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    if (format === "svg") checkXml(text);
    if (format === "html") checkXml(/<svg[^]*<\/svg>/.exec(text)?.[0] ?? "<");
    if (format === "mermaid") {
      const line =
        /^(?: {2}n\d+(?:\(\[".*"\]\)|\[\(".*"\)\]|\[\[?".*"\]\]?)| {2}n\d+ (?:-->|-\. [\w ]+ \.->) n\d+|flowchart LR)$/;
      expect(
        text
          .trimEnd()
          .split("\n")
          .filter((each) => !line.test(each)),
      ).toEqual([]);
      expect(text).toContain("#34;");
    }
    if (format === "dot") {
      const line =
        /^(?:digraph lineage \{|\}| {2}[\w= [\]]+;| {2}"(?:[^"\\]|\\.)*"(?: -> "(?:[^"\\]|\\.)*")?(?: \[(?:[\w=, ]|"(?:[^"\\]|\\.)*")*\])?;)$/;
      expect(
        text
          .trimEnd()
          .split("\n")
          .filter((each) => !line.test(each)),
      ).toEqual([]);
    }
  });

  test("a loop, what reads what it writes itself, and 200 processors in a chain are drawn", async () => {
    const chain = Array.from({ length: 400 }, (_, index) => [index, index + 1] as const);
    const names = Array.from({ length: 401 }, (_, index) => `n${index}`);
    const text = await render(lineageOf([...chain, [399, 0], [3, 2], [2, 3]], names));
    for (const name of ["n0", "n200", "n400"]) expect(text).toContain(name);
    expect(await render(lineageOf([...chain, [399, 0], [3, 2], [2, 3]], names))).toBe(text);
  });

  test("nothing is loaded from elsewhere", async () => {
    const text = await render(lineageOf([[0, 1]], ["a", "b"]));
    expect(text.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(
      /https?:|\/\/\w|@import|url\((?!#)|src=|href=/,
    );
  });
});

describe("the layout", () => {
  const size = { width: 80, height: 40 };

  test("of any graph: nothing overlaps, forward edges lead to the right, and every edge ends at its nodes", () => {
    const nodes = Array.from({ length: 14 }, (_, index) => ({ id: `${index}`, ...size }));
    const id = fc.integer({ min: 0, max: 13 }).map(String);
    fc.assert(
      fc.property(fc.array(fc.record({ from: id, to: id }), { maxLength: 30 }), (edges) => {
        const { places, lines, width, height } = layOut(nodes, edges);
        const boxes = nodes.map((node) => places.get(node.id) ?? { x: Number.NaN, y: Number.NaN });
        for (const [index, box] of boxes.entries()) {
          expect(box.x >= 0 && box.x + size.width <= width + 0.01).toBe(true);
          expect(box.y >= -0.01 && box.y + size.height <= height + 0.01).toBe(true);
          for (const other of boxes.slice(index + 1)) {
            const isApart = Math.abs(box.x - other.x) >= size.width || Math.abs(box.y - other.y) >= size.height;
            expect(isApart).toBe(true);
          }
        }
        for (const edge of edges) {
          const points = lines.get(edge) ?? [];
          if (edge.from === edge.to) continue;
          for (const [point, id] of [
            [points[0], edge.from],
            [points.at(-1), edge.to],
          ] as const) {
            const box = places.get(id);
            if (point === undefined || box === undefined) throw new Error("an edge without ends");
            expect([box.x, box.x + size.width]).toContain(point.x);
            expect(point.y > box.y && point.y < box.y + size.height).toBe(true);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test("puts a chain in a row, and crosses no lines that need not cross", () => {
    const nodes = ["a", "b", "c", "x", "y", "z"].map((name) => ({ id: name, ...size }));
    const { places } = layOut(nodes, [
      { from: "a", to: "z" },
      { from: "b", to: "y" },
      { from: "c", to: "x" },
    ]);
    const y = (name: string) => places.get(name)?.y;
    expect([y("a"), y("b"), y("c")]).toEqual([y("z"), y("y"), y("x")]);
  });
});

const isReport = new Ajv({ allErrors: true, strict: false }).compile<GraphReport>(graphReportSchema);

describe("asp graph", () => {
  const two = {
    ...project,
    "pipelines/refunds.ts": processor("refunds", "payments"),
    "pipelines/mail.ts": processor("mail").replace(
      '"events", db: "shop", coll: "events"',
      '"domain", db: "shop", coll: "payments"',
    ),
  };

  test("prints a tree, and who else writes a collection", async () => {
    const { code, stdout, stderr } = await runCli(["graph"], { cwd: await makeFolder(two) });
    expect({ code, stderr: stderr.includes("error") }).toEqual({ code: 0, stderr: false });
    expect(stdout).toBe(`shop.events (collection on events)
├─ payments
│  └─ writes shop.payments (collection on domain)
│     └─ mail
│        └─ writes shop.mail (collection on domain)
└─ refunds
   └─ writes shop.payments (collection on domain) (above)

shop.payments is written by payments, refunds
`);
  });

  test("--json fits its schema and says who has to do with what; -e gives the environment's names", async () => {
    const yaml = `${project["atlas.config.yaml"]}  other: { databases: { shop: shop-other } }\n`;
    const cwd = await makeFolder({ ...two, "atlas.config.yaml": yaml });
    const { stdout } = await runCli(["graph", "-e", "other", "--json"], { cwd });
    const report: unknown = JSON.parse(stdout);
    expect([isReport(report), isReport.errors]).toEqual([true, null]);
    expect(report).toMatchObject({
      environment: "other",
      resources: expect.arrayContaining([
        expect.objectContaining({ name: "shop-other.payments", writers: ["payments", "refunds"], readers: ["mail"] }),
      ]),
    });
  });

  test("of a name: the part that it is about; one that is none is a finding", async () => {
    const cwd = await makeFolder(two);
    const { stdout } = await runCli(["graph", "refunds"], { cwd });
    expect(stdout).toContain("mail");
    expect(stdout).not.toContain("─ payments\n");
    expect(await runCli(["graph", "refund"], { cwd })).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining("ASP4150"),
    });
  });

  test.each([
    ["lineage.svg", "<svg "],
    ["lineage.html", "<!doctype html>"],
    ["lineage.mmd", "flowchart LR"],
    ["lineage.gv", "digraph lineage"],
    ["lineage.txt", "shop.events ("],
  ])("--out %s is written in the form that its ending says", async (file, start) => {
    const cwd = await makeFolder(two);
    const { code, stdout } = await runCli(["graph", "--out", file], { cwd });
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${file} written: 3 of 3 processors\n` });
    expect((await readFile(join(cwd, file), "utf8")).startsWith(start)).toBe(true);
  });

  test("what compiles is shown beside what is wrong with the rest", async () => {
    const cwd = await makeFolder(two);
    await addFiles(cwd, { "pipelines/broken.ts": processor("broken").replace("$match", "$nope") });
    const { code, stdout, stderr } = await runCli(["graph"], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain("$nope");
    expect(stdout).toContain("refunds");
  });

  test("--json and --format exclude each other", async () => {
    expect((await runCli(["graph", "--json", "--format", "svg"])).code).toBe(64);
  });
});
