import { defineFinding } from "../../diagnostics/define-finding.ts";

/** Documented in docs/errors/ASP1011.md, whose examples are run as tests. */
export const failMode = defineFinding<{ field: "whenMatched" | "whenNotMatched" }>("ASP1011", {
  severity: "error",
  message: ({ field }) => `\`${field}: "fail"\` of the server's \`$merge\` does not exist in Atlas Stream Processing`,
  notes: ({ field }) => [
    field === "whenMatched"
      ? "a stored document can be treated by replace, keepExisting, merge, delete or a pipeline"
      : "a new document can be treated by insert or discard",
  ],
  help: ({ field }) =>
    field === "whenMatched"
      ? "use `keepExisting` to leave the stored document as it is"
      : "use `discard` to drop the document",
});
