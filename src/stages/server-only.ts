/**
 * Aggregation stages of the server that ASP does not have, and what to use instead where there is something.
 *
 * Source: the support matrix of asp-language section 2, which the service's docs call the list of what is supported.
 */
export const serverOnly: ReadonlyMap<string, string | undefined> = new Map([
  ["$bucket", "group in a window with `$group`"],
  ["$bucketAuto", "group in a window with `$group`"],
  ["$changeStream", "read the change stream with `$source`"],
  ["$changeStreamSplitLargeEvent", undefined],
  ["$collStats", undefined],
  ["$currentOp", undefined],
  ["$densify", undefined],
  ["$documents", "give the documents to `$source: { documents: [...] }`"],
  ["$facet", "write one processor for each branch"],
  ["$fill", undefined],
  ["$geoNear", undefined],
  ["$graphLookup", "use `$lookup`"],
  ["$indexStats", undefined],
  ["$listLocalSessions", undefined],
  ["$listSampledQueries", undefined],
  ["$listSearchIndexes", undefined],
  ["$listSessions", undefined],
  ["$out", "write with `$merge`"],
  ["$planCacheStats", undefined],
  ["$querySettings", undefined],
  ["$rankFusion", undefined],
  ["$rerank", undefined],
  ["$sample", undefined],
  ["$score", undefined],
  ["$scoreFusion", undefined],
  ["$search", undefined],
  ["$searchMeta", undefined],
  ["$setWindowFields", "use a window stage"],
  ["$shardedDataDistribution", undefined],
  ["$skip", undefined],
  ["$sortByCount", "use `$group` and `$sort` in a window"],
  ["$unionWith", "write one processor for each source"],
]);
