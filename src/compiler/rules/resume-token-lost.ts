import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Fate } from "../field-fate.ts";

/** Documented in docs/errors/ASP1038.md, whose examples are run as tests. */
export const resumeTokenLost = defineFinding<{
  stage: string;
  fate: Fate;
  /** Other fields that the stage does the same to. */
  others: readonly string[];
  /** The stage makes the document in the event the whole event. */
  unwraps: boolean;
}>("ASP1038", {
  severity: "error",
  message: ({ stage, fate }) =>
    `\`${stage}\` ${fate === "dropped" ? "drops" : "alters"} \`_id\`, the resume token of the change stream`,
  notes: ({ others }) => [
    "the cluster ends the change stream with an error at the first event that comes out of its pipeline",
    ...(others.length === 0 ? [] : [`\`${others.join("` and `")}\` must stay as they are too`]),
  ],
  help: ({ unwraps }) =>
    unwraps
      ? "set `config.fullDocumentOnly` to true instead"
      : "leave `_id` as it is, and do this in a stage of the processor's own, after `$source`",
});
