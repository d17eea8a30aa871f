/** Top-level fields that an author cannot set, each with why. */
export const reservedFields: ReadonlyMap<string, string> = new Map([
  ["_id", "`_id` is the key of the read model"],
  ["_asp", "`_asp` holds what was applied last, so that a redelivered event changes nothing"],
  [
    "_ts",
    "Atlas Stream Processing may add `_ts` to a document, so a compiled projection removes it before the `$merge`",
  ],
  [
    "_stream_meta",
    "Atlas Stream Processing may add `_stream_meta` to a document, so a compiled projection removes it before the `$merge`",
  ],
]);
