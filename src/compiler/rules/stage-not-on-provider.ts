import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP4037.md, whose examples are run as tests. */
export const stageNotOnProvider = defineFinding<{
  what: string;
  provider: string;
  environment: string;
  only: readonly string[];
}>("ASP4037", {
  severity: "error",
  message: ({ what, provider }) => `${what} does not run in a workspace on ${provider}`,
  notes: ({ environment, provider, only }) => [
    `the environment \`${environment}\` is on ${provider}`,
    `workspaces on ${only.join(" and ")} run it`,
  ],
  help: ({ only }) => `do without it, or run the processor in a workspace on ${only.join(" or ")}`,
});
