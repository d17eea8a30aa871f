import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP4040.md, whose examples are run as tests. */
export const otherRegion = defineFinding<{
  owner: string;
  what: string;
  region: string;
  workspace: string;
  environment: string;
}>("ASP4040", {
  severity: "error",
  message: ({ owner, what, region, workspace }) =>
    `${owner} calls ${what} in ${quote(region)}, and the workspace is in ${quote(workspace)}`,
  notes: ({ environment }) => [`that is the region of the environment ${quote(environment)}; a function must be in it`],
  help: ({ workspace }) => `deploy the function to ${quote(workspace)}, or use a workspace in its region`,
});
