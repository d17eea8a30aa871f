import type { Document } from "bson";
import { servesMerge } from "../../compiler/project/needed-index.ts";
import type { DesiredIndex } from "./desired.ts";
import { isSame } from "./normal-form.ts";
import type { RemoteIndex } from "./remote.ts";

/** Whether a collection has an index, lacks it, or has another one that is in its way and stays. */
export type IndexState =
  | { readonly kind: "there" }
  | { readonly kind: "missing" }
  | { readonly kind: "conflict"; readonly index: RemoteIndex; readonly reason: string };

/**
 * One with the same keys in the same order is the same index, whatever its name; where its options are others, or another one has its
 * name, the server would refuse it.
 */
export function compareIndex(wanted: DesiredIndex, present: readonly RemoteIndex[]): IndexState {
  if (wanted.kind === "needed" && present.some((index) => servesMerge(wanted.fields, index))) return { kind: "there" };
  const { key, options } = toIndex(wanted);
  const sameKeys = present.find((index) => hasKeys(index, key, options));
  if (sameKeys !== undefined) {
    const option = otherOption(options, sameKeys);
    if (option === undefined) return { kind: "there" };
    return { kind: "conflict", index: sameKeys, reason: `it has the same keys, and another \`${option}\`` };
  }
  const name = indexName(key, options);
  const sameName = present.find((index) => index.name === name);
  if (sameName === undefined) return { kind: "missing" };
  return { kind: "conflict", index: sameName, reason: "it has the same name, and other keys" };
}

/** The key and the options that `createIndex` takes. */
export function toIndex(wanted: DesiredIndex): {
  readonly key: Readonly<Record<string, unknown>>;
  readonly options: Document;
} {
  if (wanted.kind === "listed") return wanted;
  return { key: Object.fromEntries(wanted.fields.map((field) => [field, 1])), options: { unique: true } };
}

/** As the server and the driver make it up. */
export function indexName(key: Readonly<Record<string, unknown>>, { name }: Document): string {
  if (typeof name === "string") return name;
  return Object.entries(key)
    .map(([field, direction]) => `${field}_${String(direction)}`)
    .join("_");
}

/** Text indexes are kept under keys of the server's own, with the fields as weights. */
function hasKeys(present: RemoteIndex, key: Readonly<Record<string, unknown>>, { weights }: Document): boolean {
  const texts = Object.keys(key).filter((field) => key[field] === "text");
  if (texts.length === 0) return isSame(present.key, key);
  const indexed = Object.keys((present["weights"] as Document | undefined) ?? {});
  const wanted = [...new Set([...texts, ...Object.keys((weights as Document | undefined) ?? {})])];
  return "_fts" in present.key && isSame(indexed.toSorted(), wanted.toSorted());
}

/** Those that change what an index means, with what it is where nothing is said. */
const options = {
  unique: false,
  sparse: false,
  hidden: false,
  expireAfterSeconds: undefined,
  partialFilterExpression: undefined,
  collation: undefined,
  wildcardProjection: undefined,
  default_language: undefined,
} as const;

/** The first option that is another one; of a collation, the server fills in what is not said. */
function otherOption(wanted: Document, present: RemoteIndex): string | undefined {
  const isText = "_fts" in present.key;
  return Object.entries(options).find(([name, usual]) => {
    const [asked, there] = [(wanted[name] as unknown) ?? usual, present[name] ?? usual];
    if (asked === undefined && isText && name === "default_language") return false;
    if (name !== "collation" || asked === undefined || there === undefined)
      return !isSame(asked ?? null, there ?? null);
    return !isSame({ ...(there as Document), ...(asked as Document) }, there);
  })?.[0];
}
