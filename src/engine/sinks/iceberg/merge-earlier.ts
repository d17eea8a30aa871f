import { randomBytes } from "node:crypto";
import { decodeContainer, encodeContainer } from "../../core/avro/object-container.ts";
import { mergeManifests } from "../../core/iceberg/manifest.ts";
import { decodeManifestList, type ManifestFile } from "../../core/iceberg/manifest-list.ts";
import type { TableFiles } from "./table-files.ts";

/** A manifest of an earlier snapshot, and its record, which is handed on as it was read. */
export interface Listed {
  readonly manifest: ManifestFile;
  readonly asRead: unknown;
}

/** Reads the manifests of a snapshot. */
export function readList(bytes: Uint8Array): readonly Listed[] {
  const container = decodeContainer(bytes);
  return decodeManifestList(container).map((manifest, at) => ({ manifest, asRead: container.records[at] }));
}

/** The manifests of the snapshots before, those of one kind made one where they are many. */
export async function mergeEarlier(
  before: readonly Listed[],
  {
    files,
    write,
    commit,
    sequence,
    snapshotId,
    mostManifests,
  }: {
    readonly files: TableFiles;
    readonly write: (name: string, bytes: Uint8Array) => Promise<string>;
    readonly commit: string;
    readonly sequence: number;
    readonly snapshotId: number;
    readonly mostManifests: number;
  },
): Promise<readonly (ManifestFile | Listed)[]> {
  const kinds = new Map<string, Listed[]>();
  for (const one of before) {
    const kind = `${one.manifest.content}-${one.manifest.specId}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), one]);
  }
  const kept: (ManifestFile | Listed)[] = [];
  for (const [kind, all] of kinds) {
    if (all.length < mostManifests) {
      kept.push(...all);
      continue;
    }
    const read = await Promise.all(
      all.map(async ({ manifest, asRead }) => ({
        manifest,
        asRead,
        container: decodeContainer(await files.read(manifest.path)),
      })),
    );
    // Those of other writers may say more than ours do.
    const schema = JSON.stringify(read[0]?.container.schema);
    const own = read.filter(({ container }) => JSON.stringify(container.schema) === schema);
    const container = mergeManifests(own);
    const bytes = encodeContainer(container, randomBytes(16));
    const path = await write(`metadata/${commit}-${kind}.avro`, bytes);
    const manifests = own.map(({ manifest }) => manifest);
    const rows = manifests.reduce((sum, { added, existing }) => sum + added.rows + existing.rows, 0);
    kept.push(
      {
        path,
        bytes: bytes.length,
        content: manifests[0]?.content ?? "data",
        specId: manifests[0]?.specId ?? 0,
        sequence,
        minSequence: Math.min(...manifests.map(({ minSequence }) => minSequence)),
        snapshotId,
        added: { files: 0, rows: 0 },
        existing: { files: container.records.length, rows },
      },
      ...read.filter((one) => !own.includes(one)),
    );
  }
  return kept;
}
