import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP6102.md. */
export const noSuchLetter = defineFinding<{ id: string; queues: readonly string[] }>("ASP6102", {
  severity: "error",
  message: ({ id }) => `no dead letter has the id \`${id}\``,
  notes: ({ queues }) => [`looked in ${queues.join(", ")}`],
  help: "`asp dlq list` shows what there is",
});
