import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP1027.md, whose examples are run as tests. */
export const pipelineTooLarge = defineFinding<{ megabytes: number }>("ASP1027", {
  severity: "error",
  message: ({ megabytes }) => `the processor takes ${megabytes} MB and more as BSON, and a definition may take 16 MB`,
  help: "move data out of the pipeline, into a collection that `$lookup` reads",
});
