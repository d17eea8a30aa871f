/** Where requests of a connection go, and what all of them carry. */
export interface Endpoint {
  /** Without user, password and fragment. */
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A value, or why there is none. */
export type OrReason<Value> = { readonly value: Value } | { readonly reason: string };

/**
 * The address of a request: the path goes to the end of the connection's own, query parameters to the end of those in both.
 *
 * A path cannot leave the host: it always begins with a slash.
 */
export function buildUrl(base: URL, path: unknown, parameters: readonly (readonly [string, unknown])[]): OrReason<URL> {
  const url = new URL(base);
  if (path !== undefined) {
    if (typeof path !== "string") return { reason: "`path` must evaluate to a text" };
    const joined = url.pathname.replace(/\/$/, "") + (/^[/?]/.test(path) ? path : `/${path}`);
    const own = new URL(url.origin + joined);
    url.pathname = own.pathname;
    for (const [name, value] of own.searchParams) url.searchParams.append(name, value);
  }
  for (const [name, value] of parameters) {
    const text = parameterText(value);
    // A field that is not there leaves its parameter out.
    if (text === null) continue;
    if (text === undefined) return { reason: `the parameter \`${name}\` must be a number, a text, true or false` };
    url.searchParams.append(name, text);
  }
  return { value: url };
}

function parameterText(value: unknown): string | null | undefined {
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return value;
  if (typeof value === "boolean" || typeof value === "number") return String(value);
  if (typeof value !== "object" || !("_bsontype" in value)) return undefined;
  return numberTypes.has(value._bsontype) ? String(value) : undefined;
}

const numberTypes: ReadonlySet<unknown> = new Set(["Int32", "Double", "Long", "Decimal128"]);

/** What says how the message is framed is ours to say. */
const framing: ReadonlySet<string> = new Set([
  ...["connection", "content-length", "expect", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"],
]);

/** Headers of which the later ones count, names in lower case; names and values that HTTP does not allow are left out. */
export function mergeHeaders(...groups: readonly (readonly (readonly [string, unknown])[])[]): Record<string, string> {
  const headers: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of groups.flat()) {
    const lower = name.toLowerCase();
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(lower) || framing.has(lower)) continue;
    if (typeof value !== "string" || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) continue;
    headers[lower] = value;
  }
  return headers;
}
