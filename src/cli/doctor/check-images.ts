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
          entry.connectionName === source.connectionName &&
          entry.coll === coll &&
          (environment.databases[entry.db] ?? entry.db) === source.db,
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
