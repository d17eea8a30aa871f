type Stage = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Where an expression may stand; `cluster`: in what a cluster's own server runs, such as the pipeline of a `$lookup`. */
export type ExpressionPlace = "main" | "window" | "payload" | "cluster";

/** What sections 1.10, 1.15, 2 and 5 of the reference say of expressions: each operator, argument, variable and path of metadata. */
export interface ReferenceExpression {
  /** As the page calls it: an operator, an argument below it, a variable or a path. */
  readonly name: string;
  readonly isArgument?: true;
  /** Section of asp-language. */
  readonly section: string;
  readonly places: readonly ExpressionPlace[];
  readonly right: unknown;
  /** The same with a value that does not fit; absent where it has none. */
  readonly wrong?: unknown;
  readonly misspelt: unknown;
  /** What sets it, where that is not any source: the `$source`, a stage before it, or the window that it stands in or after. */
  readonly source?: Stage;
  readonly before?: Stage;
  readonly window?: Stage;
}

const stream: readonly ExpressionPlace[] = ["main", "window", "payload"];
const everywhere: readonly ExpressionPlace[] = [...stream, "cluster"];

const call = { body: "function(a) { return a; }", args: ["$a"], lang: "js" };
const toBinary = { input: "$text", to: "binData", format: "hex" };
const toNumber = { input: "$bytes", to: "int", byteOrder: "big" };

const without = (args: Readonly<Record<string, unknown>>, name: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(args).filter(([each]) => each !== name));

/** An operator's arguments, each with a value that does not fit it. */
function argumentsOf(
  operator: string,
  args: Readonly<Record<string, unknown>>,
  wrong: Readonly<Record<string, unknown>>,
  rest: Pick<ReferenceExpression, "section" | "places">,
): readonly ReferenceExpression[] {
  return Object.entries(wrong).map(([name, value]) => ({
    ...rest,
    name,
    isArgument: true,
    right: { [operator]: args },
    wrong: { [operator]: { ...args, [name]: value } },
    misspelt: { [operator]: { ...without(args, name), [`${name}Q`]: args[name] } },
  }));
}

const own = { section: "1.15", places: stream };
const javaScript = { section: "1.10", places: everywhere };
const convert = { section: "1.15", places: everywhere };

const operators: readonly ReferenceExpression[] = [
  {
    ...own,
    name: "$currentDate",
    right: { $currentDate: {} },
    wrong: { $currentDate: 5 },
    misspelt: { $currentDateQ: {} },
  },
  {
    ...own,
    name: "$createUUID",
    right: { $createUUID: {} },
    wrong: { $createUUID: "x" },
    misspelt: { $createUUIDQ: {} },
  },
  {
    ...javaScript,
    name: "$function",
    right: { $function: call },
    wrong: { $function: 5 },
    misspelt: { $functionQ: call },
  },
  ...argumentsOf("$function", call, { body: 5, args: 5, lang: "python" }, javaScript),
  {
    ...convert,
    name: "$convert",
    right: { $convert: { input: "$a", to: "string" } },
    wrong: { $convert: 5 },
    misspelt: { $convertQ: toBinary },
  },
  ...argumentsOf("$convert", toBinary, { to: "binary", format: "hexa" }, convert),
  ...argumentsOf("$convert", toNumber, { byteOrder: "middle" }, convert),
];

const variable = (name: string, places: readonly ExpressionPlace[]): ReferenceExpression => ({
  section: "2",
  name: `$$${name}`,
  places,
  right: `$$${name}`,
  misspelt: `$$${name}Q`,
});

const variables: readonly ReferenceExpression[] = [
  ...["ROOT", "CURRENT", "REMOVE"].map((name) => variable(name, everywhere)),
  ...["NOW", "CLUSTER_TIME", "USER_ROLES", "SEARCH_META"].map((name) => variable(name, ["cluster"])),
];

const path = (name: string, rest: Partial<ReferenceExpression> = {}): ReferenceExpression => ({
  section: "5",
  name: `{$meta: "${name}"}`,
  places: stream,
  right: { $meta: name },
  wrong: { $meta: 5 },
  misspelt: { $meta: `${name}Q` },
  ...rest,
});

const under = (prefix: string, names: readonly string[], rest: Partial<ReferenceExpression> = {}) =>
  names.map((name) => path(`${prefix}.${name}`, rest));

const kafka = { $source: { connectionName: "bus", topic: "orders", config: { auto_offset_reset: "earliest" } } };
const kinesis = {
  $source: { connectionName: "stream", stream: "orders", config: { consumerARN: "arn:aws:kinesis:consumer" } },
};
const copying = { $source: { connectionName: "events", db: "shop", coll: "events", initialSync: { enable: true } } };
const session = {
  $sessionWindow: {
    partitionBy: "$a",
    gap: { size: 1, unit: "minute" },
    pipeline: [{ $limit: 1 }],
    boundary: "processingTime",
  },
};
const tumbling = {
  $tumblingWindow: { interval: { size: 1, unit: "minute" }, pipeline: [{ $limit: 1 }], boundary: "processingTime" },
};
const request = { $https: { connectionName: "web", as: "answer", path: "/x" } };

/** Every path of the table of section 5. */
const metadata: readonly ReferenceExpression[] = [
  { ...path("stream"), misspelt: { $meta: "streamQ" } },
  ...under("stream.source", ["type", "ts"]),
  ...under("stream.source", ["topic", "partition", "offset", "key", "headers"], { source: kafka }),
  ...under("stream.source", ["operationType", "ns.db", "ns.coll"]),
  // Below a key there may be any field.
  path("stream.source.documentKey._id", { misspelt: { $meta: "stream.source.documentKeyQ._id" } }),
  // Windows and a copy exclude each other.
  path("stream.source.initialSync.phase", { source: copying, places: ["main", "payload"] }),
  ...under("stream.source", ["kinesisStream", "shardId", "sequenceNumber", "partitionKey"], { source: kinesis }),
  ...under("stream.window", ["start", "end"], { window: tumbling }),
  path("stream.window.partition", { window: session }),
  ...under("stream.https", ["url", "method", "httpStatusCode", "responseTimeMs"], { before: request }),
  path("stream.tenant", { before: { $setStreamMeta: { "stream.tenant": "$a" } } }),
];

export const expressionReference: readonly ReferenceExpression[] = [...operators, ...variables, ...metadata];
