import type { Static } from "@sinclair/typebox";
import type { Adjustment } from "../diagnostics/adjustment.ts";
import type { Place } from "../diagnostics/finding.ts";
import type { EventSource } from "../projections/processor-value.ts";
import type { collectionSchema } from "./collection-schema.ts";
import type { ConnectionConfig } from "./connection-schema.ts";
import type { EnvironmentConfig } from "./environment-schema.ts";

/** Keys and list positions from the top of the file. */
export type ConfigPath = readonly (string | number)[];

/** `collections[0].indexes`: a path as a finding names it. */
export function pathText(path: ConfigPath): string {
  return path
    .map((part, index) => (/^\d+$/.test(String(part)) ? `[${part}]` : `${index === 0 ? "" : "."}${part}`))
    .join("");
}

/**
 * Where a key or its value stands in the file. A path that is not in the file gets the place of the nearest part that is.
 */
export type PlaceOf = (path: ConfigPath, which?: "key" | "value") => Place | undefined;

/** A collection as the config wants it; validators and filters are plain JSON, EJSON wrappers left as they stand. */
export type CollectionSpec = Omit<Static<typeof collectionSchema>, "changeStreamPreAndPostImages"> & {
  readonly changeStreamPreAndPostImages?: { readonly enabled: boolean };
};

export type IndexSpec = NonNullable<CollectionSpec["indexes"]>[number];

/** A parsed config file: defaults filled in, `${NAME}` left as text. */
export interface Config {
  readonly file: string;
  readonly events?: EventSource;
  readonly connections: Readonly<Record<string, ConnectionConfig>>;
  readonly collections: readonly CollectionSpec[];
  /** Always holds `local`. */
  readonly environments: Readonly<Record<string, EnvironmentConfig>>;
  /** Severities of findings, by its `findings` and by comments. */
  readonly adjustments: readonly Adjustment[];
  readonly placeOf: PlaceOf;
}
