import type { MongoClient } from "mongodb";
import { placeNamespace } from "../../config/place-namespace.ts";
import type { Environment } from "../../config/resolve-environment.ts";
import type { Definition } from "../../stages/definition.ts";
import type { Check } from "./check.ts";

interface ChangeStreamSource {
  readonly connectionName?: string;
  readonly db?: string;
  readonly coll?: string | readonly string[];
  readonly config?: { readonly fullDocument?: string; readonly fullDocumentBeforeChange?: string };
}

/** A collection whose pre- or post-images a processor reads. */
interface ImageReader {
  readonly processor: string;
  readonly connectionName: string | undefined;
  readonly db: string | undefined;
  readonly coll: string;
  /** Without them it goes on, with less. */
  readonly isOptional: boolean;
}

/**
 * Pre- and post-images that a processor reads and that no entry of `collections` turns on.
 *
 * @param seen connections, as definitions name them, whose collections were looked at themselves
 */
export function checkImages(
  definitions: readonly Definition[],
  environment: Environment,
  seen: ReadonlySet<string>,
): readonly Check[] {
  return imageReaders(definitions).flatMap(({ processor, connectionName, db, coll, isOptional }): readonly Check[] => {
    if (seen.has(connectionName ?? "")) return [];
    const spec = environment.collections.find(
      (entry) => entry.connectionName === connectionName && isHere(entry, { db, coll }, environment),
    );
    if (spec?.changeStreamPreAndPostImages?.enabled === true) return [];
    return [
      {
        name: `processor ${processor}`,
        status: isOptional ? "warning" : "error",
        fault: "project",
        detail: `reads images of ${db}.${coll}, and the config does not turn them on`,
        help: `add changeStreamPreAndPostImages: true to ${db}.${coll} under \`collections\``,
      },
    ];
  });
}

/** The same of a cluster as it is, for the processors that read it. */
export async function checkImagesThere(
  definitions: readonly Definition[],
  connectionName: string,
  client: MongoClient,
): Promise<readonly Check[]> {
  const readers = imageReaders(definitions).filter((reader) => reader.connectionName === connectionName);
  const checks = readers.map(async ({ processor, db = "", coll, isOptional }): Promise<Check> => {
    const name = `processor ${processor}`;
    const [info] = await client.db(db).listCollections({ name: coll }).toArray();
    const options = (info as { readonly options?: Readonly<Record<string, unknown>> } | undefined)?.options ?? {};
    const images = options["changeStreamPreAndPostImages"] as { readonly enabled?: boolean } | undefined;
    if (images?.enabled === true) return { name, status: "ok", detail: `${db}.${coll} keeps the images that it reads` };
    const detail = `reads images of ${db}.${coll}, which keeps none`;
    const command = `{ collMod: "${coll}", changeStreamPreAndPostImages: { enabled: true } }`;
    const help = `run \`${command}\` in \`${db}\``;
    return isOptional
      ? { name, status: "warning", detail, help }
      : { name, status: "error", fault: "world", detail, help };
  });
  return await Promise.all(checks);
}

function imageReaders(definitions: readonly Definition[]): readonly ImageReader[] {
  return definitions.flatMap(({ name: processor, pipeline }) => {
    const source = pipeline[0]?.["$source"] as ChangeStreamSource | undefined;
    const { fullDocument, fullDocumentBeforeChange = "off" } = source?.config ?? {};
    const needed = fullDocument === "required" || fullDocumentBeforeChange !== "off";
    if (source?.coll === undefined || !needed) return [];
    const { connectionName, db } = source;
    const isOptional = fullDocumentBeforeChange === "whenAvailable";
    return [source.coll].flat().map((coll) => ({ processor, connectionName, db, coll, isOptional }));
  });
}

/** True where an entry of the config, which uses the names of pipelines, means this collection of the environment. */
function isHere(
  entry: { readonly db: string; readonly coll: string },
  source: { readonly db: string | undefined; readonly coll: string },
  environment: Environment,
): boolean {
  const { db, coll } = placeNamespace(entry.db, entry.coll, environment);
  return db === source.db && coll === source.coll;
}
