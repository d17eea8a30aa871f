import type { Finding } from "../diagnostics/finding.ts";
import { findingsToJson } from "../diagnostics/findings-to-json.ts";
import type { Outcome } from "./outcome.ts";

/** What a command comes to that could not begin, or has only findings to show. */
export function withoutResult(
  findings: readonly Finding[],
  source?: Outcome["source"],
  { strict = false }: { readonly strict?: boolean } = {},
): Outcome {
  return { text: "", json: findingsToJson(findings), findings, strict, ...(source && { source }) };
}
