/** What a function of the config's `functions` gets beside its event; the names are Lambda's own. */
export interface ExternalFunctionContext {
  /** As the pipeline has it, a name or an ARN. */
  readonly functionName: string;
  /** Another one at each call. */
  readonly awsRequestId: string;
  /** Until the call is given up, in milliseconds. */
  readonly getRemainingTimeInMillis: () => number;
}

/**
 * What a module exports by default that stands in for an AWS Lambda function.
 *
 * The event is the JSON of the document, or of what `payload` makes of it: a date is `{ $date: "…" }`. What it returns goes through JSON
 * into the field `as`; nothing is `null`. What it throws is what `onError` speaks of.
 *
 * @example
 * const addTax: ExternalFunction<{ net: number }> = async ({ net }) => ({ gross: net * 1.19 });
 * export default addTax;
 */
export type ExternalFunction<Event = unknown, Result = unknown> = (
  event: Event,
  context: ExternalFunctionContext,
) => Result | Promise<Result>;
