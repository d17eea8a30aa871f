import { resolve } from "node:path";
import { findingsToJson } from "../../diagnostics/findings-to-json.ts";
import { defineCommand } from "../define-command.ts";
import { strictOption } from "../global-options.ts";
import { countsAsFailure } from "../outcome.ts";
import { withoutResult } from "../without-result.ts";
import { renderCount } from "../render/numbers.ts";
import { UsageError } from "../usage-error.ts";

const formats = ["json", "mongosh", "terraform"] as const;

export const compile = defineCommand({
  name: "compile",
  summary: "Write the definitions that the service runs",
  about:
    "Without --out, all go to stdout: one array (json), one script (mongosh) or one module (terraform). With --out, each\n" +
    "goes to a file of its processor's name; a file of a processor that is gone is named, not removed.",
  examples: [
    "asp compile",
    "asp compile orders --env production --out definitions",
    "asp compile --out definitions --check",
  ],
  operands: { spec: "[names...]", about: "processors; default: all" },
  options: {
    format: { flag: "--format <kind>", about: "what to write; json where it is not given", choices: formats },
    out: { flag: "--out <dir>", about: "a folder for one file per processor" },
    check: { flag: "--check", about: "write nothing; fail where what is written is not current" },
    strict: strictOption,
  },
  async run({ operands, options }, ctx) {
    const { format = "json", out, check, strict } = options;
    if (check && out === undefined) throw new UsageError("--check needs --out: the folder to compare with");
    const { openProject } = await import("../open-project.ts");
    const project = await openProject(ctx, operands);
    const { definitions, findings, source } = project;
    if (countsAsFailure(findings, { strict })) {
      return withoutResult(findings, source, { strict });
    }

    const { emitDefinitions, emitFiles } = await import("../../compiler/emit/emit-definitions.ts");
    const { checkTerraform } = await import("../check-terraform.ts");
    const { locateFindings } = await import("../locate-findings.ts");
    const left = format === "terraform" ? checkTerraform(definitions) : [];
    const all = [...findings, ...(await locateFindings(project, "options", left))];
    if (countsAsFailure(all, { strict })) return withoutResult(all, source, { strict });
    if (out === undefined) {
      const text = emitDefinitions(definitions, format);
      const printed = format === "json" ? { json: undefined, jsonText: text } : { json: { format, text } };
      return { text, ...printed, findings: all, source };
    }
    const folder = { root: resolve(ctx.cwd, out), shown: out, format };
    const files = emitFiles(definitions, format);
    const { checkFolder, findLeftovers, findMissing, writeFolder } = await import("../definition-folder.ts");
    const { findRenames } = await import("../find-renames.ts");
    const leftovers = operands.length > 0 ? [] : await findLeftovers(folder, files);
    const missing = leftovers.length > 0 ? await findMissing(folder, files) : [];
    const renames = await findRenames(folder, definitions, { missing, leftovers });
    const told = [...all, ...(await locateFindings(project, "name", renames))];
    if (check) {
      const stale = await checkFolder(folder, files, leftovers);
      const shown = [...told, ...stale];
      const text = stale.length > 0 ? "" : `${out} is current: ${renderCount(definitions.length, "definition")}`;
      return { text, json: findingsToJson(shown), findings: shown, source, strict };
    }
    if (countsAsFailure(told, { strict })) {
      return withoutResult(told, source, { strict });
    }
    const written = await writeFolder(folder, files);
    for (const path of leftovers) ctx.progress(`${out}/${path} belongs to no processor any more: remove it`);
    const text = `${renderCount(definitions.length, "definition")} in ${out}, ${renderCount(written.length, "file")} written`;
    return { text, json: { out, files: files.map(({ path }) => path), written, leftovers }, findings: told, source };
  },
});
