/** A value in which a text format can say the order of every document. */
export interface WithEntries {
  readonly value: unknown;
  /** The key that marks a document written as its entries; absent where there is none. */
  readonly key?: string;
}

/**
 * The value with every `Map`, whose order a JavaScript object would not keep, as a document `{[key]: [[name, value], …]}`.
 *
 * The key is one that the value does not use.
 */
export function withEntries(value: unknown): WithEntries {
  const keys = new Set<string>();
  if (!collectKeys(value, keys)) return { value };
  let key = "$entries";
  while (keys.has(key)) key += "_";
  return { value: replace(value, key), key };
}

/** Says whether there is a `Map`. */
function collectKeys(value: unknown, keys: Set<string>): boolean {
  if (Array.isArray(value)) return value.map((item) => collectKeys(item, keys)).includes(true);
  const entries = entriesOf(value);
  for (const [key] of entries) keys.add(key);
  const inside = entries.map(([, item]) => collectKeys(item, keys));
  return value instanceof Map || inside.includes(true);
}

function replace(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return value.map((item) => replace(item, key));
  if (!(value instanceof Map) && !isDocument(value)) return value;
  const entries = entriesOf(value).map(([name, item]) => [name, replace(item, key)] as const);
  return value instanceof Map ? { [key]: entries } : Object.fromEntries(entries);
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  if (value instanceof Map) return [...value].map(([key, item]) => [String(key), item] as const);
  return isDocument(value) ? Object.entries(value) : [];
}

/** BSON values, dates and the like are leaves. */
function isDocument(value: unknown): value is Readonly<Record<string, unknown>> {
  return Object.prototype.toString.call(value) === "[object Object]" && !("_bsontype" in (value as object));
}
