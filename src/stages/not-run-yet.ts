import type { StageDescription } from "./define-stage.ts";
import type { StageContext } from "./values.ts";

const described = (
  role: StageDescription["role"],
  contexts: readonly StageContext[],
  summary: string,
  more: { readonly mayEnd?: boolean } = {},
): Omit<StageDescription, "name"> => ({ role, contexts, summary, runs: false, ...more });

const inner: readonly StageContext[] = ["main", "window"];

/** Stages of ASP that the engine here does not run yet, so that they are not called unknown. Source: asp-language 1, 2. */
export const notRunYet = {
  $cachedLookup: described("transform", ["main"], "Joins documents of a collection, remembered for a while."),
  $count: described("transform", ["window"], "Counts the documents of a closed window."),
  $emit: described("sink", ["main"], "Writes to a topic, a stream, a bucket or a time series collection."),
  $externalFunction: described("transform", inner, "Calls an AWS Lambda function with each document.", {
    mayEnd: true,
  }),
  $group: described("transform", ["window"], "Groups the documents of a closed window."),
  $hoppingWindow: described("window", ["main"], "Cuts the stream into overlapping windows of equal length."),
  $https: described("transform", inner, "Sends a request with each document.", { mayEnd: true }),
  $iceberg: described("sink", ["main"], "Writes to an Apache Iceberg table."),
  $limit: described("transform", ["window"], "Keeps the first documents of a closed window."),
  $lookup: described("transform", inner, "Joins documents of a collection."),
  $sessionWindow: described("window", ["main"], "Groups events that follow each other closely."),
  $setStreamMeta: described("transform", ["main"], "Sets metadata that travels beside the document."),
  $sort: described("transform", ["window"], "Sorts the documents of a closed window."),
  $throttle: described("transform", ["main"], "Limits how fast documents pass."),
  $tumblingWindow: described("window", ["main"], "Cuts the stream into back-to-back windows of equal length."),
  $vectorSearch: described("transform", ["main"], "Runs a vector search for each document."),
} as const satisfies Record<string, Omit<StageDescription, "name">>;
