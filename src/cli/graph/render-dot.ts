import type { FlowKind, Lineage } from "../../compiler/lineage/lineage.ts";
import { shownNodes, type ShownNode } from "./describe-node.ts";

const styles: Readonly<Record<FlowKind, string>> = {
  reads: "",
  writes: "",
  "looks up": ' [style=dashed, label="looks up"]',
  calls: ' [style=dashed, label="calls"]',
  "dead letters": ' [style=dotted, label="dead letters"]',
  within: ' [style=dotted, label="within", arrowhead=none]',
};

/** A graph for Graphviz. */
export function renderDot(lineage: Lineage): string {
  const lines = [
    "digraph lineage {",
    "  rankdir=LR;",
    "  node [fontname=monospace];",
    ...shownNodes(lineage).map((node) => `  ${quote(node.id)} [${renderLabel(node)}];`),
    ...lineage.edges.map(({ from, to, kind }) => `  ${quote(from)} -> ${quote(to)}${styles[kind]};`),
    "}",
  ];
  return `${lines.join("\n")}\n`;
}

function renderLabel({ kind, title, subtitle }: ShownNode): string {
  if (kind === "processor") return `shape=box, style=rounded, label=${quote(title)}`;
  const shape = kind === "collection" || kind === "table" ? "cylinder" : "box";
  // `\n` is Graphviz's own, and nobody else's: in what is shown, a backslash is doubled.
  return `shape=${shape}, label=${quote(title).slice(0, -1)}\\n${quote(subtitle).slice(1)}`;
}

function quote(text: string): string {
  // Graphviz reads entities of HTML in any text.
  const escaped = text.replaceAll("&", "&amp;").replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  // A line may not end inside of a quoted text, and NUL ends the file.
  return `"${escaped.replaceAll("\n", "\\n").replaceAll("\0", "\ufffd")}"`;
}
