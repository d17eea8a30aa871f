import { defineCommand } from "../define-command.ts";
import { strictOption } from "../global-options.ts";
import { toOutcome, validateFormats } from "../render/validate-report.ts";
import { UsageError } from "../usage-error.ts";

export const validate = defineCommand({
  name: "validate",
  summary: "Check everything that can be checked without a server",
  about:
    "Needs no secret and no network. Findings go to stderr; --format puts them on stdout too: as one JSON value (the same as\n" +
    "--json), as GitHub Actions annotations, or as a SARIF log. With -q only stdout has them then.\n\n" +
    "--watch checks again whenever a module, the config or a fixture changes, until Ctrl-C ends it with 130;\n" +
    "with --json it prints one line a round.",
  examples: [
    "asp validate",
    "asp validate orders --env staging --json",
    "asp validate --format sarif -q > asp.sarif",
    "asp validate --watch",
  ],
  operands: { spec: "[names...]", about: "processors; default: all" },
  options: {
    format: {
      flag: "--format <kind>",
      about: "what stdout gets; text where it is not given",
      choices: validateFormats,
    },
    watch: { flag: "--watch", about: "check again at every change" },
    strict: strictOption,
  },
  async run({ operands, options }, ctx) {
    const { strict, watch } = options;
    if (ctx.globals.json && options.format !== undefined && options.format !== "json") {
      throw new UsageError(`--json and --format ${options.format} exclude each other`, "use one of the two");
    }
    const format = options.format ?? (ctx.globals.json ? "json" : "text");
    if (watch) {
      if (format === "github" || format === "sarif") {
        throw new UsageError(`--watch cannot print --format ${format}`, "leave one of the two out");
      }
      const { watchProject } = await import("../watch/watch-project.ts");
      return await watchProject(operands, { format, strict }, ctx);
    }
    const { openProject } = await import("../open-project.ts");
    const project = await openProject(ctx, operands);
    return { ...(await toOutcome(project, { format, strict }, ctx)), source: project.source };
  },
});
