import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { icebergManifests, icebergMetadata, icebergRead } from "icebird";
import { onTestFinished, vi } from "vitest";

/** A table as an implementation reads it that is not ours. */
export interface PeerTable {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** By name, of the current schema; nested ones as JSON. */
  readonly columns: Readonly<Record<string, unknown>>;
  readonly snapshots: number;
  /** Of each file of rows, by the names of its partition fields. */
  readonly partitions: readonly Readonly<Record<string, unknown>>[];
}

/** Reads a table out of a connection's folder, by the URL that it would have in its bucket. */
export async function readTable(connectionDir: string, url: string): Promise<PeerTable> {
  serveBuckets(connectionDir);
  const metadata = await icebergMetadata({ tableUrl: url });
  const schema = metadata.schemas.find((each) => each["schema-id"] === metadata["current-schema-id"]);
  const manifests = await icebergManifests(metadata);
  const partitions = manifests.flatMap(({ entries }) =>
    entries.filter(({ data_file }) => data_file.content === 0).map(({ data_file }) => ({ ...data_file.partition })),
  );
  const rows = await icebergRead({ tableUrl: url, metadata });
  return {
    rows: rows.map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value != null))),
    columns: Object.fromEntries((schema?.fields ?? []).map(({ name, type }) => [name, type])),
    snapshots: metadata.snapshots?.length ?? 0,
    partitions,
  };
}

/** The reader knows nothing but HTTP: what it asks a bucket for is a file of the folder. */
function serveBuckets(dir: string): void {
  vi.stubGlobal("fetch", async (url: string) => {
    const [, bucket = "", key = ""] = /^https:\/\/([^/]+)\.s3\.amazonaws\.com\/([^?]*)$/u.exec(url) ?? [];
    const path = join(dir, bucket, key);
    return existsSync(path) && key !== "" ? new Response(readFileSync(path)) : new Response("", { status: 404 });
  });
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });
}
