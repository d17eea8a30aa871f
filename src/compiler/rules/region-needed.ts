import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP4038.md, whose examples are run as tests. */
export const regionNeeded = defineFinding<{
  owner: string;
  field: string;
  home: string;
  provider: string;
  environment: string;
}>("ASP4038", {
  severity: "error",
  message: ({ owner, field, provider }) => `${owner} requires ${quote(field)} in a workspace on ${provider}`,
  notes: ({ environment, provider, home }) => [
    `the environment ${quote(environment)} is on ${provider}; only a workspace on ${home} has a region of ${home} of its own`,
  ],
  help: ({ field, home }) => `add ${quote(field)}: the ${home} region of what it writes to`,
});
