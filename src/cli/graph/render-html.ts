import type { Lineage } from "../../compiler/lineage/lineage.ts";
import { shownNodes } from "./describe-node.ts";
import { escapeXml } from "./escape-xml.ts";
import { renderSvg } from "./render-svg.ts";
import { toTouched, type Touched } from "./touched.ts";

/** A page of one file: the picture, and a table of who reads and writes what. Clicking on something shows what it has to do with. */
export function renderHtml(lineage: Lineage, title: string): string {
  const shown = new Map(shownNodes(lineage).map((node) => [node.id, node] as const));
  const rows = lineage.resources.map((resource) => {
    const node = shown.get(resource.id);
    return { title: node?.title ?? "", subtitle: node?.subtitle ?? "", touched: toTouched(lineage, resource.id) };
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escapeXml(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escapeXml(title)}</h1>
<p>${lineage.processors.length} processors, ${lineage.resources.length} things that they read and write. Click on one to see what it has to do with; click beside it to see all.</p>
<div class="picture">
${renderSvg(lineage, title)}</div>
<table>
<thead><tr><th>what</th><th>written by</th><th>read by</th><th>looked up or called by</th><th>dead letters of</th></tr></thead>
<tbody>
${rows.map(renderRow).join("")}</tbody>
</table>
<script>${script}</script>
</body>
</html>
`;
}

interface Row {
  readonly title: string;
  readonly subtitle: string;
  readonly touched: Touched;
}

function renderRow({ title, subtitle, touched }: Row): string {
  const { writers, readers, askers, deadLettersOf } = touched;
  const cell = (names: readonly string[]): string => `<td>${names.map(escapeXml).join("<br>")}</td>`;
  return `<tr><td>${escapeXml(title)}<br><small>${escapeXml(subtitle)}</small></td>${[writers, readers, askers, deadLettersOf].map(cell).join("")}</tr>
`;
}

const style = `
:root { color-scheme: light dark; }
body { font: 14px system-ui, sans-serif; margin: 24px; }
.picture { overflow: auto; max-height: 80vh; border: 1px solid #8c959f55; }
.picture .node { cursor: pointer; }
table { border-collapse: collapse; margin-top: 24px; }
th, td { text-align: left; vertical-align: top; padding: 4px 12px 4px 0; border-bottom: 1px solid #8c959f55; }
small { opacity: 0.7; }
`;

/** Reads only what the picture says of itself. */
const script = `
const picture = document.querySelector(".picture");
const nodes = [...picture.querySelectorAll(".node")];
const edges = [...picture.querySelectorAll(".edge[data-from]")];
picture.addEventListener("click", (event) => {
  const chosen = event.target.closest(".node")?.dataset.id;
  const isNear = (edge) => edge.dataset.from === chosen || edge.dataset.to === chosen;
  const near = new Set([chosen, ...edges.filter(isNear).flatMap(({ dataset }) => [dataset.from, dataset.to])]);
  for (const edge of edges) edge.classList.toggle("off", chosen !== undefined && !isNear(edge));
  for (const node of nodes) node.classList.toggle("off", chosen !== undefined && !near.has(node.dataset.id));
});
`;
