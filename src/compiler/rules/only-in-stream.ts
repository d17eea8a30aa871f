import { defineFinding } from "../../diagnostics/define-finding.ts";
import { carryIn } from "../carry-in.ts";
import type { ClusterContext } from "../carry-in.ts";

/** Documented in docs/errors/ASP1037.md, whose examples are run as tests. */
export const onlyInStream = defineFinding<{ operator: string; context: ClusterContext }>("ASP1037", {
  severity: "error",
  message: ({ operator }) => `the cluster, which runs this stage, has no operator \`${operator}\``,
  notes: ({ operator }) => [`\`${operator}\` is an operator of Atlas Stream Processing, not of the server`],
  help: ({ operator, context }) =>
    // That of a change stream would be the time at which it was opened.
    operator === "$currentDate" && context !== "changeStream"
      ? "write `$$NOW`, which the cluster has"
      : carryIn(`{ ${operator}: {} }`, context),
});
