import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP6010.md. */
export const settingMissing = defineFinding<{ environment: string; setting: string; why: string }>("ASP6010", {
  severity: "error",
  message: ({ environment, setting, why }) => `the environment \`${environment}\` has no \`${setting}\`: ${why}`,
  help: ({ environment, setting }) => `add \`environments.${environment}.${setting}\``,
});
