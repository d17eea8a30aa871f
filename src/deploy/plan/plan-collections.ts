import { changedSettings, otherKind } from "../../compiler/collection-settings.ts";
import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { compareIndex, toIndex } from "./compare-index.ts";
import type { DesiredCollection, DesiredIndex } from "./desired.ts";
import { toMongosh } from "./mongosh-text.ts";
import { textOf } from "./normal-form.ts";
import type { RemoteCluster, RemoteCollection } from "./remote.ts";
import type { Step } from "./step.ts";

/** Documented in docs/errors/ASP6062.md. */
export const clusterNotRead = defineFinding<{ cluster: string; reason: string; commands: readonly string[] }>(
  "ASP6062",
  {
    severity: "info",
    message: ({ cluster, reason }) => `the collections of \`${cluster}\` are not looked at: ${reason}`,
    notes: ({ commands }) => commands.map((command) => `in mongosh: ${command}`),
    help: ({ cluster }) => `run what is missing there, or add a \`uri\` to the connection \`${cluster}\``,
  },
);

/** Documented in docs/errors/ASP6063.md. */
export const indexInTheWay = defineFinding<{ collection: string; name: string; wanted: string; reason: string }>(
  "ASP6063",
  {
    severity: "error",
    message: ({ collection, name, wanted }) =>
      `\`${collection}\` has an index \`${name}\` that is in the way of ${wanted}`,
    notes: ({ reason }) => [reason, "asp drops no index and changes none"],
    help: "drop the index that is there, or write it into the config as it is",
  },
);

/** Documented in docs/errors/ASP6064.md. */
export const collectionOfOtherKind = defineFinding<{ collection: string; found: string; wanted: string }>("ASP6064", {
  severity: "error",
  message: ({ collection, found, wanted }) => `\`${collection}\` is ${found}, and the config asks for ${wanted}`,
  help: "drop the collection, or write it into the config as it is",
});

export interface CollectionsInput {
  readonly desired: readonly DesiredCollection[];
  /** By connection, as the config calls it. */
  readonly clusters: ReadonlyMap<string, RemoteCluster>;
}

/** What the clusters lack of collections and indexes. Nothing is dropped, and no index that is there is changed. */
export function planCollections({ desired, clusters }: CollectionsInput): {
  readonly steps: readonly Step[];
  readonly findings: readonly Finding[];
} {
  const steps: Step[] = [];
  const findings: Finding[] = [];
  const unread = new Map<string, { readonly reason: string; readonly commands: string[] }>();
  for (const wanted of desired) {
    const { cluster } = wanted;
    const found = clusters.get(cluster) ?? { kind: "unread", reason: "nobody has asked for them" };
    if (found.kind === "unread") {
      const known = unread.get(cluster) ?? { reason: found.reason, commands: [] };
      known.commands.push(...toMongosh(wanted));
      unread.set(cluster, known);
      continue;
    }
    const present = found.collections.find(({ db, coll }) => db === wanted.db && coll === wanted.coll);
    const planned = planCollection(wanted, present);
    steps.push(...planned.steps);
    findings.push(...planned.findings);
  }
  for (const [cluster, { reason, commands }] of unread) {
    findings.push(clusterNotRead({}, { cluster, reason, commands }));
  }
  return { steps, findings };
}

function planCollection(wanted: DesiredCollection, present: RemoteCollection | undefined) {
  const { cluster, db, coll, options, indexes } = wanted;
  const collection = `${db}.${coll}`;
  const steps: Step[] = [];
  const findings: Finding[] = [];
  if (present === undefined) {
    if (options !== undefined) steps.push({ kind: "create-collection", cluster, db, coll, options, fields: [] });
  } else {
    const kinds = options === undefined ? undefined : otherKind(options, present);
    if (kinds !== undefined) return { steps, findings: [collectionOfOtherKind({}, { collection, ...kinds })] };
    const fields = Object.entries(changedSettings(options ?? {}, present.options)).map(([field, after]) => {
      const before: unknown = present.options[field];
      return { field, ...(before !== undefined && { before: textOf(before) }), after: textOf(after) };
    });
    if (options !== undefined && fields.length > 0) {
      steps.push({ kind: "edit-collection", cluster, db, coll, options, fields });
    }
  }
  // Those that are made by an earlier step are there for the next.
  const there = [...(present?.indexes ?? [])];
  for (const index of indexes) {
    const state = compareIndex(index, there);
    const { key, options: given } = toIndex(index);
    if (state.kind === "missing") {
      steps.push({ kind: "create-index", cluster, db, coll, key, options: given, neededBy: neededBy(index, indexes) });
      there.push({ name: "", ...given, key });
    } else if (state.kind === "conflict") {
      const { index: other, reason } = state;
      findings.push(indexInTheWay({}, { collection, name: other.name, wanted: nameOf(index), reason }));
    }
  }
  return { steps, findings };
}

/** Every processor that one index serves. */
function neededBy(index: DesiredIndex, all: readonly DesiredIndex[]): readonly string[] {
  if (index.kind === "listed") return [];
  const fields = new Set(index.fields);
  const users = all.flatMap((other) =>
    other.kind === "needed" && other.fields.length === fields.size && other.fields.every((field) => fields.has(field))
      ? [other.processor]
      : [],
  );
  return [...new Set(users)];
}

function nameOf(index: DesiredIndex): string {
  if (index.kind === "listed") return `the one on ${textOf(index.key)} in the config`;
  const fields = index.fields.map((field) => `\`${field}\``).join(", ");
  return `the unique one on ${fields} that the \`$merge\` of \`${index.processor}\` needs`;
}
