import type { Document } from "bson";
import { takeSnapshot } from "./snapshot.ts";
import type { CollectionSpec, IndexSpec } from "../config/config.ts";

/** What `create` takes for a collection of the config, EJSON wrappers read. */
export function toCreateOptions(spec: CollectionSpec): Document {
  const { validator, timeseries, expireAfterSeconds } = spec;
  const settings = modifiable.flatMap((key) => (spec[key] === undefined ? [] : [[key, spec[key]]]));
  return {
    ...(validator && { validator: toBson(validator) }),
    ...Object.fromEntries(settings),
    ...(timeseries && { timeseries }),
    ...(expireAfterSeconds && { expireAfterSeconds }),
  };
}

/** What `createIndex` takes beside the key, EJSON wrappers read. */
export function toIndexOptions({ key: _, ...options }: IndexSpec): Document {
  return toBson(options) as Document;
}

const modifiable = ["validationLevel", "validationAction", "changeStreamPreAndPostImages"] as const;

/** Those of the options of `create` that `collMod` takes too, and that are others than a collection has. */
export function changedSettings(wanted: Document, there: Document): Document {
  const changed = ["validator", ...modifiable].filter(
    (key) => wanted[key] !== undefined && !isSame(there[key] ?? usual[key], wanted[key]),
  );
  return Object.fromEntries(changed.map((key) => [key, wanted[key]]));
}

/** What a collection has that says nothing: not every server shows it. */
const usual: Document = {
  validationLevel: "strict",
  validationAction: "error",
  changeStreamPreAndPostImages: { enabled: false },
};

/** What is in the way where a collection is of another kind than the config wants; undefined where it is not. */
export function otherKind(
  wanted: Document,
  there: { readonly type: string; readonly options: Document },
): { readonly found: string; readonly wanted: string } | undefined {
  const [asked, found] = [timeField(wanted), timeField(there.options)];
  if (there.type !== "view" && asked === found) return undefined;
  return { found: kindOf(there.type, found), wanted: kindOf("collection", asked) };
}

function timeField({ timeseries }: Document): string | undefined {
  return (timeseries as { readonly timeField?: string } | undefined)?.timeField;
}

function kindOf(type: string, field: string | undefined): string {
  if (type === "view") return "a view";
  return field === undefined ? "a plain collection" : `a time series by \`${field}\``;
}

/** The config's plain values with their EJSON wrappers read. */
function toBson(value: unknown): unknown {
  return takeSnapshot(value, { processor: undefined, place: undefined, at: () => undefined }).value;
}

function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
