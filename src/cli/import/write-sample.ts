import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Document } from "bson";
import { toEjson } from "../../compiler/emit/json.ts";
import { usesOf } from "../../compiler/lineage/uses-of.ts";
import { authoredNamespace } from "../../config/place-namespace.ts";
import type { Environment } from "../../config/environment.ts";
import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { configName } from "../../engine/open-clusters.ts";
import type { Definition } from "../../stages/definition.ts";
import { decodeExact } from "../../engine/core/exact-bson.ts";
import { fileName } from "./file-name.ts";
import type { RemoteClusters } from "../../deploy/clusters/open-remote-clusters.ts";

/** Documented in docs/errors/ASP6093.md. */
export const cannotSample = defineFinding<{ name: string; reason: string }>("ASP6093", {
  severity: "warning",
  message: ({ name, reason }) => `there is no first fixture for \`${name}\`: ${reason}`,
  help: "write the case by hand: the events go below `test/fixtures/`",
});

/**
 * A first fixture case: the newest documents of the collections that a processor reads, oldest first, as they are stored.
 *
 * A sample of the processor itself would show what comes out of it, and a case begins with what goes in.
 */
export async function writeSample(
  definition: Definition,
  most: number,
  {
    cwd,
    environment,
    clusters,
  }: { readonly cwd: string; readonly environment: Environment; readonly clusters: RemoteClusters },
): Promise<{ readonly files: readonly string[]; readonly findings: readonly Finding[] }> {
  const { name } = definition;
  const refuse = (reason: string) => ({ files: [], findings: [cannotSample({ processor: name }, { name, reason })] });
  const sources = usesOf(definition, environment).filter(({ flow }) => flow === "reads");
  if (sources.length === 0 || sources.some(({ kind }) => kind !== "collection")) {
    return refuse("its source is no change stream");
  }
  const files: string[] = [];
  for (const { connection = "", db, coll } of sources) {
    if (db === undefined || coll === undefined) return refuse("it reads all collections of a database");
    const { client, finding } = await clusters.find(configName(environment, connection));
    if (client === undefined) return { files, findings: [finding] };
    const newest = await client
      .db(db)
      .collection<Document>(coll)
      .find({}, { raw: true })
      .sort({ $natural: -1 })
      .limit(most)
      .toArray();
    if (newest.length === 0) continue;
    const authored = authoredNamespace(db, coll, environment);
    const file = `test/fixtures/${fileName(name)}/given/${authored.db}.${authored.coll.replaceAll("/", "%2F")}.ndjson`;
    await mkdir(dirname(join(cwd, file)), { recursive: true });
    const text = newest.toReversed().map((document) => `${toEjson(decodeExact(document as unknown as Uint8Array))}\n`);
    // What is there is somebody's work.
    await writeFile(join(cwd, file), text.join(""), { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
      return undefined;
    });
    files.push(file);
  }
  return files.length === 0 ? refuse("its source is empty") : { files, findings: [] };
}
