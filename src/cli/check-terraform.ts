import { optionsNotInTerraform } from "../compiler/emit/terraform.ts";
import { defineFinding } from "../diagnostics/define-finding.ts";
import type { Finding } from "../diagnostics/finding.ts";
import type { Definition } from "../stages/definition.ts";

/** Documented in docs/errors/ASP4160.md. */
export const notInTerraform = defineFinding<{ option: string }>("ASP4160", {
  severity: "warning",
  message: ({ option }) => `the option \`${option}\` is left out: \`mongodbatlas_stream_processor\` cannot say it`,
  notes: ({ option }) => (option === "autoscaling" ? ["there, `autoscaling` stands beside a `dlq`"] : []),
  help: ({ option }) =>
    option === "autoscaling"
      ? "give the processor a dead letter queue, or write it with --format mongosh"
      : "write this processor with --format mongosh, or take the option out",
});

/** What of these definitions does not reach Terraform. */
export function checkTerraform(definitions: readonly Definition[]): readonly Finding[] {
  return definitions.flatMap((definition) =>
    optionsNotInTerraform(definition).map((option) => notInTerraform({ processor: definition.name }, { option })),
  );
}
