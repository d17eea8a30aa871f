import { defineFinding } from "../../diagnostics/define-finding.ts";

/** An `on` without a handler. Documented in docs/errors/ASP1102.md. */
export const noHandlers = defineFinding<Record<never, never>>("ASP1102", {
  severity: "error",
  message: () => "the projection handles no event: `on` is empty",
  help: "add a handler, such as `OrderPlaced: ({ data }) => ({ customerId: data.customerId })`",
});
