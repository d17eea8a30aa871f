import type { Lineage } from "../../compiler/lineage/lineage.ts";
import type { Paint } from "../render/paint.ts";
import { shownNodes, type ShownNode } from "./describe-node.ts";
import { toTouched } from "./touched.ts";

interface Branch {
  readonly id: string;
  /** What the node above has to do with it. */
  readonly label: string;
  readonly depth: readonly boolean[];
}

/**
 * A tree for a terminal: from what nobody here writes, along the data. What has been shown is only named when it is met again, so
 * that circles end.
 */
export function renderTree(lineage: Lineage, paint: Paint): string {
  const { resources, processors, edges } = lineage;
  const shown = new Map(shownNodes(lineage).map((node) => [node.id, node] as const));
  const outOf = new Map<string, Branch[]>();
  const asked = new Set<string>();
  for (const { from, to, kind } of edges) {
    // A look-up hangs below who asks: it is no way of the data to be followed.
    const [above, below] = kind === "looks up" || kind === "calls" ? [to, from] : [from, to];
    if (above === to) asked.add(from);
    const label =
      kind === "reads" || kind === "within" ? "" : kind === "dead letters" ? "dead letters to " : `${kind} `;
    outOf.set(above, [...(outOf.get(above) ?? []), { id: below, label, depth: [] }]);
  }
  const written = new Set(edges.filter(({ kind }) => kind === "writes" || kind === "dead letters").map(({ to }) => to));
  const isRead = (id: string): boolean => edges.some(({ from, kind }) => from === id && kind === "reads");
  // What is in a circle has no beginning: it is shown from whatever of it comes first.
  const roots = [
    ...resources.filter(({ id }) => isRead(id) && !written.has(id) && !edges.some((edge) => edge.to === id)),
    ...processors,
    ...resources.filter(({ id }) => !asked.has(id)),
  ];
  const seen = new Set<string>();
  const lines: string[] = [];
  for (const { id } of roots) {
    if (seen.has(id)) continue;
    if (lines.length > 0) lines.push("");
    const open: Branch[] = [{ id, label: "", depth: [] }];
    for (let branch = open.pop(); branch !== undefined; branch = open.pop()) {
      const node = shown.get(branch.id);
      if (node === undefined) continue;
      const below = outOf.get(branch.id) ?? [];
      const isRepeated = seen.has(branch.id) && below.length > 0;
      lines.push(
        `${stem(branch.depth)}${branch.label}${renderNode(node, paint)}${isRepeated ? paint.dim(" (above)") : ""}`,
      );
      if (seen.has(branch.id)) continue;
      seen.add(branch.id);
      for (const [index, each] of below.toReversed().entries())
        open.push({ ...each, depth: [...branch.depth, index === 0] });
    }
  }
  const shared = resources.flatMap((resource) => {
    const { writers } = toTouched(lineage, resource.id);
    return writers.length > 1 ? [`${shown.get(resource.id)?.title} is written by ${writers.join(", ")}`] : [];
  });
  return [...lines, ...(shared.length > 0 ? ["", ...shared] : [])].join("\n");
}

/** For each level whether what stands there is the last of its siblings. */
function stem(depth: readonly boolean[]): string {
  return depth
    .map((isLast, level) => (level === depth.length - 1 ? (isLast ? "└─ " : "├─ ") : isLast ? "   " : "│  "))
    .join("");
}

function renderNode({ kind, title, subtitle }: ShownNode, paint: Paint): string {
  return kind === "processor" ? paint.bold(title) : `${title} ${paint.dim(`(${subtitle})`)}`;
}
