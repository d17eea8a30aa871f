import { extname, resolve } from "node:path";
import { defineCommand } from "../define-command.ts";
import type { Outcome } from "../outcome.ts";
import { UsageError } from "../usage-error.ts";

const formats = ["text", "mermaid", "dot", "svg", "html"] as const;
type Format = (typeof formats)[number];

const endings: Readonly<Record<string, Format>> = {
  ".mmd": "mermaid",
  ".mermaid": "mermaid",
  ".dot": "dot",
  ".gv": "dot",
  ".svg": "svg",
  ".html": "html",
  ".txt": "text",
};

export const graph = defineCommand({
  name: "graph",
  summary: "Show what flows where: sources, processors, sinks, and who writes which collection",
  about:
    "Reads the project alone. Names are those of the environment. With names, the part of it that these processors are about: what flows\n" +
    "into them, and what becomes of what they write.\n\n" +
    "Without --format, the ending of the file given with --out says what is written: .svg, .html, .mmd, .dot.",
  examples: [
    "asp graph",
    "asp graph orders",
    "asp graph -e production --out lineage.html",
    "asp graph --format mermaid",
  ],
  operands: { spec: "[names...]", about: "processors; default: all" },
  options: {
    format: { flag: "--format <kind>", about: "text where it is not given", choices: formats },
    out: { flag: "--out <file>", about: "a file in place of stdout" },
  },
  async run({ operands, options }, ctx): Promise<Outcome> {
    const { out } = options;
    if (ctx.globals.json && options.format !== undefined && out === undefined) {
      throw new UsageError("--json and --format exclude each other", "use one of the two, or add --out");
    }
    const ending = extname(out ?? "").toLowerCase();
    const format = options.format ?? endings[ending];
    if (format === undefined && ending !== "") {
      throw new UsageError(
        `\`${ending}\` is the ending of no format`,
        `use ${Object.keys(endings).join(", ")}, or say it with --format`,
      );
    }
    const { openProject, unknownProcessor } = await import("../open-project.ts");
    const project = await openProject(ctx, []);
    const { environment, definitions, source } = project;
    const known = [...new Set(project.names)];
    const unknown = operands.filter((name) => !known.includes(name));
    const findings = [...project.findings, ...unknown.map((name) => unknownProcessor({}, { name, known }))];
    const [{ readLineage }, { selectLineage }, { toGraphReport }] = await Promise.all([
      import("../../compiler/lineage/read-lineage.ts"),
      import("../../compiler/lineage/select-lineage.ts"),
      import("../graph/graph-report.ts"),
    ]);
    const name = environment?.name ?? ctx.globals.env ?? "local";
    // What compiled is shown, whatever is wrong with the rest.
    const whole = environment === undefined ? nothing : readLineage(definitions, environment);
    const lineage = operands.length === 0 ? whole : selectLineage(whole, new Set(operands));
    const json = toGraphReport(lineage, name, findings);
    if (lineage.processors.length === 0) return { text: "", json, findings, source };

    const { renderGraph } = await import("../graph/render-graph.ts");
    const title = `${operands.length === 0 ? "All processors" : operands.join(", ")} (${name})`;
    const text = await renderGraph(lineage, {
      format: format ?? "text",
      title,
      color: ctx.color.stdout && out === undefined,
    });
    if (out === undefined) return { text, json, findings, source };
    const { replaceFile } = await import("../replace-file.ts");
    await replaceFile(resolve(ctx.cwd, out), text.endsWith("\n") ? text : `${text}\n`);
    return {
      text: `${out} written: ${lineage.processors.length} of ${known.length} processors`,
      json,
      findings,
      source,
    };
  },
});

const nothing = { processors: [], resources: [], edges: [] };
