import { countFindings } from "../../diagnostics/render-finding.ts";
import { findingsToJson } from "../../diagnostics/findings-to-json.ts";
import { defineCommand } from "../define-command.ts";
import { strictOption } from "../global-options.ts";
import { renderCount } from "../render/numbers.ts";

export const validate = defineCommand({
  name: "validate",
  summary: "Check everything that can be checked without a server",
  about: "Needs no secret and no network. Findings go to stderr; with --json, stdout has them as one value.",
  examples: ["asp validate", "asp validate orders --env staging --json"],
  operands: { spec: "[names...]", about: "processors; default: all" },
  options: { strict: strictOption },
  async run({ operands, options }, ctx) {
    const { openProject } = await import("../open-project.ts");
    const { count, findings, source } = await openProject(ctx, operands);
    const checked = `${renderCount(count, "processor")} checked: ${countFindings(findings)}`;
    return { text: checked, json: findingsToJson(findings), findings, source, strict: options.strict };
  },
});
