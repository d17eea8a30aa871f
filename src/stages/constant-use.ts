/**
 * What a constant must be where an expression may stand, for values that the service has a use for of its own.
 *
 * - `document`, `flag`: what the words say
 * - `redaction`: one of the texts that `$$DESCEND`, `$$PRUNE` and `$$KEEP` stand for
 * - `texts`, `scalars`: a document whose values are texts, or texts, numbers, true or false
 * - `headers`: headers of Kafka, a document or an array of `{ k, v }`
 * - `text`, `number`, `whole`, `binary`: a key of Kafka in one of its formats
 */
export type ConstantUse =
  | "document"
  | "flag"
  | "redaction"
  | "texts"
  | "scalars"
  | "headers"
  | "text"
  | "number"
  | "whole"
  | "binary";
