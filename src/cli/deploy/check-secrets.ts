import { connectionEntries } from "../../config/connections/connection-entry.ts";
import { literalSecrets } from "../../config/connections/literal-secrets.ts";
import type { Environment } from "../../config/environment.ts";
import type { Step } from "../../deploy/plan/step.ts";
import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";

/** Documented in docs/errors/ASP6055.md. */
export const secretInPlan = defineFinding<{ connection: string; field: string }>("ASP6055", {
  severity: "error",
  message: ({ connection, field }) =>
    `the plan would hold a secret: \`${field}\` of the connection \`${connection}\` stands in the config as it is`,
  help: "write it as `${NAME}` or `${exec:command}`: it is read when the plan is done",
});

/** What a plan that is kept would give away to whoever reads the file. */
export function checkSecrets(steps: readonly Step[], environment: Environment): readonly Finding[] {
  const entries = connectionEntries(environment);
  return steps.flatMap((step) => {
    if (step.kind !== "create-connection" && step.kind !== "edit-connection") return [];
    const entry = entries.find(({ name, connection }) => (connection.name ?? name) === step.connection);
    return literalSecrets(step.settings).map((path) =>
      secretInPlan(entry?.at(path) ?? {}, { connection: entry?.name ?? step.connection, field: path.join(".") }),
    );
  });
}
