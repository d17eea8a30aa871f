import type { Lineage } from "../../compiler/lineage/lineage.ts";
import { toPaint } from "../render/paint.ts";

export interface GraphOptions {
  readonly format: "text" | "mermaid" | "dot" | "svg" | "html";
  readonly title: string;
  readonly color: boolean;
}

/** A lineage as text of any format; each renderer is loaded when it is used. */
export async function renderGraph(lineage: Lineage, { format, title, color }: GraphOptions): Promise<string> {
  switch (format) {
    case "text":
      return (await import("./render-tree.ts")).renderTree(lineage, toPaint({ color }));
    case "mermaid":
      return (await import("./render-mermaid.ts")).renderMermaid(lineage);
    case "dot":
      return (await import("./render-dot.ts")).renderDot(lineage);
    case "svg":
      return (await import("./render-svg.ts")).renderSvg(lineage, title);
    case "html":
      return (await import("./render-html.ts")).renderHtml(lineage, title);
  }
}
