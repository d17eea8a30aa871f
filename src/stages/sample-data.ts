/** The service's own sample data, which every workspace has: solar panels. Source: asp-language section 1.1.4. */
export const sampleConnection = "sample_stream_solar";

/** The fields that a `$source` on sample data has. Source: asp-language section 1.1.4, and the public examples of it. */
export const sampleFields: readonly string[] = ["connectionName", "timeField", "tsFieldName"];

/** The fields that make a `$source` another one than a change stream or sample data. */
const otherVariants = ["documents", "schedule", "topic", "stream", "streamName"] as const;

/**
 * Whether the arguments of a `$source` mean the sample data. They are told by the connection alone: whoever runs a definition asks no
 * config, and the compiler refuses to run one where that name is another connection's.
 */
export function isSampleSource(args: Readonly<Record<string, unknown>>): boolean {
  return args["connectionName"] === sampleConnection && !otherVariants.some((name) => args[name] !== undefined);
}
