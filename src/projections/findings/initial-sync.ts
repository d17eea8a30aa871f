import { defineFinding } from "../../diagnostics/define-finding.ts";

/** `initialSync` under a guard. Documented in docs/errors/ASP1115.md. */
export const initialSyncNeedsOrder = defineFinding<{ guard: string }>("ASP1115", {
  severity: "error",
  message: ({ guard }) => `\`initialSync\` cannot feed a projection with the ${guard} guard`,
  notes: () => ["`initialSync` promises no order within a stream, and the guard leaves out what comes late"],
  help: "remove `initialSync`; `asp rebuild` replays the stored events in order",
});
