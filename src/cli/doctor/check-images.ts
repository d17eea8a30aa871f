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

/** Pre- and post-images that a processor reads and that no entry of `collections` turns on. */
export function checkImages(definitions: readonly Definition[], environment: Environment): readonly Check[] {
  return definitions.flatMap(({ name, pipeline }) => {
    const source = pipeline[0]?.["$source"] as ChangeStreamSource | undefined;
    const { fullDocument, fullDocumentBeforeChange = "off" } = source?.config ?? {};
    const needed = fullDocument === "required" || fullDocumentBeforeChange !== "off";
    if (source?.coll === undefined || !needed) return [];
    return [source.coll].flat().flatMap((coll): readonly Check[] => {
      const spec = environment.collections.find(
        (entry) =>
          entry.connectionName === source.connectionName && isHere(entry, { db: source.db, coll }, environment),
      );
      if (spec?.changeStreamPreAndPostImages?.enabled === true) return [];
      return [
        {
          name: `processor ${name}`,
          status: fullDocumentBeforeChange === "whenAvailable" ? "warning" : "error",
          fault: "project",
          detail: `reads images of ${source.db}.${coll}, and the config does not turn them on`,
          help: `add changeStreamPreAndPostImages: true to ${source.db}.${coll} under \`collections\``,
        },
      ];
    });
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
