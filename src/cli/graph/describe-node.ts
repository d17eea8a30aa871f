import type { FlowKind, Lineage, Resource, ResourceKind } from "../../compiler/lineage/lineage.ts";
import { printable } from "../../diagnostics/printable.ts";

/** A node as every format shows it: texts are safe for a line, and not escaped for any format. */
export interface ShownNode {
  readonly id: string;
  readonly kind: ResourceKind | "processor";
  readonly title: string;
  /** What it is, and through which connection. */
  readonly subtitle: string;
}

const kinds: Readonly<Record<ResourceKind, string>> = {
  collection: "collection",
  topic: "topic",
  stream: "stream",
  bucket: "files",
  table: "table",
  http: "requests",
  function: "function",
  schedule: "schedule",
  documents: "documents",
  sample: "sample data",
  connection: "connection",
};

/** The forms of edges, in the order of a legend. */
export const flowKinds: readonly FlowKind[] = ["reads", "looks up", "calls", "writes", "dead letters", "within"];

/** Processors first, as they are in the lineage. */
export function shownNodes({ processors, resources }: Lineage): readonly ShownNode[] {
  return [
    ...processors.map(({ id, name }) => ({
      id,
      kind: "processor" as const,
      title: clean(name),
      subtitle: "processor",
    })),
    ...resources.map((resource) => ({
      id: resource.id,
      kind: resource.kind,
      title: clean(resource.name),
      subtitle: describeResource(resource),
    })),
  ];
}

function describeResource({ kind, connections, isComputed }: Resource): string {
  const through = connections.length === 0 ? "" : ` on ${connections.map(clean).join(", ")}`;
  return `${isComputed ? "computed " : ""}${kinds[kind]}${through}`;
}

/** Without control characters, and without what no XML may hold. */
function clean(text: string): string {
  return printable(text).replaceAll(/[\p{Cs}\ufffe\uffff]/gu, "\ufffd");
}
