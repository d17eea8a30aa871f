import type { FlowKind, Lineage, LineageEdge } from "../../compiler/lineage/lineage.ts";
import { textWidth } from "../../diagnostics/text-width.ts";
import { flowKinds, shownNodes, type ShownNode } from "./describe-node.ts";
import { escapeXml } from "./escape-xml.ts";
import { layOut, type Point } from "./lay-out.ts";

const characterWidth = 7.25;
const nodeHeight = 44;
const longestText = 44;
const margin = 24;
const legendHeight = 28;

/** Colours by what a line means; both themes of a reader's system. */
const style = `
    .asp text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; fill: #1b1f24; }
    .asp .sub, .asp .legend text { font-size: 10px; fill: #57606a; }
    .asp .node rect, .asp .node path { fill: #f6f8fa; stroke: #8c959f; stroke-width: 1.2; }
    .asp .processor rect { fill: #ddf4ff; stroke: #0969da; }
    .asp .edge path { fill: none; stroke: #57606a; stroke-width: 1.4; }
    .asp .edge.writes path { stroke: #1a7f37; }
    .asp .edge.looks-up path, .asp .edge.calls path { stroke: #8250df; stroke-dasharray: 6 4; }
    .asp .edge.dead-letters path { stroke: #cf222e; stroke-dasharray: 2 3; }
    .asp .edge.within path { stroke: #8c959f; stroke-dasharray: 1 3; }
    .asp .off { opacity: 0.12; }
    @media (prefers-color-scheme: dark) {
      .asp text { fill: #e6edf3; }
      .asp .sub, .asp .legend text { fill: #9198a1; }
      .asp .node rect, .asp .node path { fill: #161b22; stroke: #6e7681; }
      .asp .processor rect { fill: #0c2d4d; stroke: #4493f8; }
      .asp .edge path { stroke: #9198a1; }
      .asp .edge.writes path { stroke: #3fb950; }
      .asp .edge.looks-up path, .asp .edge.calls path { stroke: #a371f7; }
      .asp .edge.dead-letters path { stroke: #f85149; }
    }`;

/** A picture that needs nothing else: no script, no font and no style from elsewhere. The same lineage gives the same bytes. */
export function renderSvg(lineage: Lineage, title: string): string {
  const nodes = shownNodes(lineage);
  const sizes = nodes.map((node) => ({ id: node.id, width: widthOf(node), height: nodeHeight }));
  const { width, height, places, lines } = layOut(sizes, lineage.edges);
  const used = flowKinds.filter((kind) => lineage.edges.some((edge) => edge.kind === kind));
  const legendWidth = used.reduce((sum, kind) => sum + legendStep(kind), 0);
  const [fullWidth, fullHeight] = [
    Math.ceil(Math.max(width, legendWidth) + 2 * margin),
    Math.ceil(height + legendHeight + 2 * margin),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" class="asp" role="img" viewBox="0 0 ${fullWidth} ${fullHeight}" width="${fullWidth}" height="${fullHeight}">
  <title>${escapeXml(title)}</title>
  <style>${style}
  </style>
  <defs>
    <marker id="asp-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto" markerUnits="userSpaceOnUse">
      <path d="M0 0 L8 4 L0 8 z" fill="#6e7781"/>
    </marker>
  </defs>
  <g transform="translate(${margin} ${margin})">
${lineage.edges.map((edge) => renderEdge(edge, lines.get(edge) ?? [])).join("")}${nodes.map((node, index) => renderNode(node, places.get(node.id) ?? { x: 0, y: 0 }, sizes[index]?.width ?? 0)).join("")}  </g>
  <g class="legend" transform="translate(${margin} ${fullHeight - margin})">
${renderLegend(used)}  </g>
</svg>
`;
}

function widthOf({ title, subtitle }: ShownNode): number {
  const wider = Math.max(
    textWidth(shorten(title)) * characterWidth,
    textWidth(shorten(subtitle)) * characterWidth * 0.84,
  );
  return Math.ceil(Math.max(70, wider + 24));
}

function renderNode(node: ShownNode, { x, y }: Point, width: number): string {
  const { id, kind, title, subtitle } = node;
  const texts = [
    `<text x="${width / 2}" y="20" text-anchor="middle">${escapeXml(shorten(title))}</text>`,
    `<text class="sub" x="${width / 2}" y="35" text-anchor="middle">${escapeXml(shorten(subtitle))}</text>`,
  ];
  return `    <g class="node ${kind}" data-id="${escapeXml(id)}" transform="translate(${round(x)} ${round(y)})"><title>${escapeXml(`${title}: ${subtitle}`)}</title>${renderShape(kind, width)}${texts.join("")}</g>
`;
}

function renderShape(kind: ShownNode["kind"], width: number): string {
  if (kind === "processor") return `<rect width="${width}" height="${nodeHeight}" rx="14"/>`;
  if (kind !== "collection" && kind !== "table") return `<rect width="${width}" height="${nodeHeight}" rx="2"/>`;
  const [half, bottom] = [width / 2, nodeHeight - 4];
  return `<path d="M0 4 A${half} 4 0 0 1 ${width} 4 V${bottom} A${half} 4 0 0 1 0 ${bottom} Z M0 4 A${half} 4 0 0 0 ${width} 4"/>`;
}

function renderEdge({ from, to, kind }: LineageEdge, points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  let path = `M${round(first.x)} ${round(first.y)}`;
  let last = first;
  for (const [index, point] of rest.entries()) {
    const middle = round((last.x + point.x) / 2);
    // Between a pair it bends; through a layer it runs level.
    path +=
      index % 2 === 0
        ? ` C${middle} ${round(last.y)} ${middle} ${round(point.y)} ${round(point.x)} ${round(point.y)}`
        : ` L${round(point.x)} ${round(point.y)}`;
    last = point;
  }
  const arrow = kind === "within" ? "" : ' marker-end="url(#asp-arrow)"';
  return `    <g class="edge ${className(kind)}" data-from="${escapeXml(from)}" data-to="${escapeXml(to)}"><path d="${path}"${arrow}/></g>
`;
}

function renderLegend(kinds: readonly FlowKind[]): string {
  let x = 0;
  return kinds
    .map((kind) => {
      const item = `    <g class="edge ${className(kind)}" transform="translate(${round(x)} 0)"><path d="M0 0 H24"/><text x="30" y="4">${kind}</text></g>
`;
      x += legendStep(kind);
      return item;
    })
    .join("");
}

function legendStep(kind: FlowKind): number {
  return 50 + kind.length * 6.5;
}

function className(kind: FlowKind): string {
  return kind.replace(" ", "-");
}

/** The whole text stands in the node's title. */
function shorten(text: string): string {
  if (textWidth(text) <= longestText) return text;
  let kept = "";
  for (const character of text) {
    if (textWidth(kept + character) > longestText - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
