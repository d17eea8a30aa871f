import { defineFinding } from "../../diagnostics/define-finding.ts";

/** A position guard where events may overtake each other. Documented in docs/errors/ASP1114.md. */
export const positionNeedsOrder = defineFinding<{ parallelism: number }>("ASP1114", {
  severity: "error",
  message: ({ parallelism }) => `the position guard does not work with \`parallelism\` ${parallelism}`,
  notes: () => ["it leaves out every event before the last applied one, so an event that was overtaken would be lost"],
  help: 'leave out `parallelism`, or choose the guard "version" or "streams"',
});
