/** The words that `$meta` takes on the server. Sources: the server's manual, and what a mongod 6.0.5 takes. */
export const metaWords: readonly string[] = [
  ...[
    "textScore",
    "searchScore",
    "searchScoreDetails",
    "searchHighlights",
    "searchSequenceToken",
    "searchRootDocumentId",
  ],
  ...["vectorSearchScore", "score", "scoreDetails", "indexKey", "recordId", "sortKey", "randVal"],
  ...["geoNearDistance", "geoNearPoint", "timeseriesBucketMinTime", "timeseriesBucketMaxTime"],
];

/** When a piece of metadata is there. */
export type MetadataOrigin =
  | "always"
  | "kafka"
  | "changeStream"
  | "initialSync"
  | "kinesis"
  | "window"
  | "sessionWindow"
  | "https";

const under = (prefix: string, origin: MetadataOrigin, names: readonly string[]): [string, MetadataOrigin][] =>
  names.map((name) => [`${prefix}.${name}`, origin]);

/** The paths of `{$meta: …}` that the stream itself sets, to when they are there. Source: asp-language section 5. */
export const streamPaths: ReadonlyMap<string, MetadataOrigin> = new Map<string, MetadataOrigin>([
  ["stream", "always"],
  ...under("stream", "always", ["source", "source.type", "source.ts"]),
  ...under("stream.source", "kafka", ["topic", "partition", "offset", "key", "headers"]),
  ...under("stream.source", "changeStream", [
    "operationType",
    "ns",
    "ns.db",
    "ns.coll",
    "documentKey",
    "documentKey._id",
  ]),
  ...under("stream.source", "initialSync", ["initialSync", "initialSync.phase"]),
  ...under("stream.source", "kinesis", ["kinesisStream", "shardId", "sequenceNumber", "partitionKey"]),
  ...under("stream", "window", ["window", "window.start", "window.end"]),
  ...under("stream.window", "sessionWindow", ["partition"]),
  ...under("stream", "https", ["https", "https.url", "https.method", "https.httpStatusCode", "https.responseTimeMs"]),
]);

/** Those whose value is a document of the user's, so that any path below them may be there. */
export const openPaths: readonly string[] = [
  "stream.source.key",
  "stream.source.headers",
  "stream.source.documentKey",
  "stream.window.partition",
];

/** True for `stream` and what is below it. */
export function isStreamPath(word: string): boolean {
  return word === "stream" || word.startsWith("stream.");
}
