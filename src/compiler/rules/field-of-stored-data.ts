import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP5235.md, whose examples are run as tests. */
export const fieldOfStoredData = defineFinding<{ field: string; connection: string }>("ASP5235", {
  severity: "error",
  message: ({ field, connection }) => `\`$source\` on the sample data \`${connection}\` has no \`${field}\``,
  notes: () => ["sample data is generated: it has no collections and no history"],
  help: ({ field }) => `remove \`${field}\`, or read a Cluster connection`,
});
