import { defineFinding } from "../../diagnostics/define-finding.ts";

/** An operator whose result does not follow from the event and the read model. Documented in docs/errors/ASP1121.md. */
export const unsteadyOperator = defineFinding<{ where: string; operator: string }>("ASP1121", {
  severity: "error",
  message: ({ where, operator }) => `${where} uses \`${operator}\`, whose result does not follow from the event`,
  notes: () => ["the same events must always give the same read model, also when they are delivered again or replayed"],
  help: "store the value in the event, or use `event.time`",
});
