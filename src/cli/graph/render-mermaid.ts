import type { FlowKind, Lineage } from "../../compiler/lineage/lineage.ts";
import { shownNodes, type ShownNode } from "./describe-node.ts";

const arrows: Readonly<Record<FlowKind, string>> = {
  reads: "-->",
  writes: "-->",
  "looks up": "-. looks up .->",
  calls: "-. calls .->",
  "dead letters": "-. dead letters .->",
  within: "-. within .->",
};

/** A flow chart for Markdown: GitHub and others draw it. */
export function renderMermaid(lineage: Lineage): string {
  const nodes = shownNodes(lineage);
  const numberOf = new Map(nodes.map(({ id }, index) => [id, `n${index}`] as const));
  const lines = [
    "flowchart LR",
    ...nodes.map((node) => `  ${numberOf.get(node.id)}${renderShape(node)}`),
    ...lineage.edges.map(({ from, to, kind }) => `  ${numberOf.get(from)} ${arrows[kind]} ${numberOf.get(to)}`),
  ];
  return `${lines.join("\n")}\n`;
}

function renderShape({ kind, title, subtitle }: ShownNode): string {
  const text = kind === "processor" ? escape(title) : `${escape(title)}<br/>${escape(subtitle)}`;
  switch (kind) {
    case "processor":
      return `(["${text}"])`;
    case "collection":
    case "table":
      return `[("${text}")]`;
    case "topic":
    case "stream":
      return `[["${text}"]]`;
    default:
      return `["${text}"]`;
  }
}

/** Everything but letters, digits and what stands in most names goes as its number: quotes, tags, Markdown and Mermaid's own words. */
function escape(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N} ._\-,/]/gu, (character) => `#${character.codePointAt(0)};`);
}
