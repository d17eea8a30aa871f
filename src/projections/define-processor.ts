import type { ProcessorOptions } from "../stages/definition.ts";
import type { Stage } from "../stages/index.ts";
import { processorBrand } from "./processor-value.ts";
import type { ProcessorValue } from "./processor-value.ts";

/**
 * Declares a processor: its stages are plain MQL, as they would be typed into mongosh.
 *
 * @example
 * export default defineProcessor({
 *   name: "large-payments",
 *   pipeline: [
 *     { $source: { connectionName: "events", db: "shop", coll: "events", config: { fullDocumentOnly: true } } },
 *     { $match: { type: "PaymentReceived", "data.amount": { $gte: 1000 } } },
 *     { $merge: { into: { connectionName: "domain", db: "shop", coll: "large_payments" } } },
 *   ],
 * });
 */
export function defineProcessor(processor: {
  /** Unique within the project; the service knows the processor by it. */
  readonly name: string;
  /** The first stage is `$source`, the last one a sink. */
  readonly pipeline: readonly Stage[];
  /** As in ASP: `dlq` and others. */
  readonly options?: ProcessorOptions;
}): ProcessorValue {
  return { ...processor, [processorBrand]: "processor" };
}
