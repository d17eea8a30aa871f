import { compileProcessor } from "../../compiler/compile-processor.ts";
import type { Environment } from "../../config/environment.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { processorBrand } from "../../projections/processor-value.ts";
import type { Definition } from "../../stages/definition.ts";

/** Documented in docs/errors/ASP2004.md: what `process` runs needs no sink. */
const noSink = "ASP2004";

/**
 * What makes the emulator refuse a definition: what `asp validate` says is an error, and what asp's engine does not run. The tier is looked at
 * when a processor starts, as on the service.
 */
export function checkDefinition(
  definition: Definition,
  environment: Environment,
  { needsSink }: { readonly needsSink: boolean },
): readonly Finding[] {
  const { tier: _, ...settings } = environment.settings ?? {};
  const { tier: __, ...options } = definition.options ?? {};
  const value = { ...definition, options, [processorBrand]: "processor" as const };
  const { findings } = compileProcessor(value, {
    environment: { ...environment, settings },
    at: noPlace,
    mustRun: true,
  });
  return findings.filter(({ severity, code }) => severity === "error" && (needsSink || code !== noSink));
}

const noPlace = (): undefined => undefined;
