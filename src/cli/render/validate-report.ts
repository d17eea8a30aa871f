import type { Finding } from "../../diagnostics/finding.ts";
import { findingsToJson } from "../../diagnostics/findings-to-json.ts";
import { countFindings } from "../../diagnostics/render-finding.ts";
import type { CommandContext } from "../context.ts";
import { Exit } from "../exit.ts";
import { countsAsFailure } from "../outcome.ts";
import type { Outcome } from "../outcome.ts";
import { renderCount } from "./numbers.ts";

/** What `asp validate` can print on stdout. */
export const validateFormats = ["text", "json", "github", "sarif"] as const;

export type ValidateFormat = (typeof validateFormats)[number];

/** What was checked, and what was found. */
export interface Checked {
  /** Processors. */
  readonly count: number;
  readonly findings: readonly Finding[];
}

/** `3 processors checked: 1 error, 2 warnings`, and where warnings alone are too much, why. */
export function renderChecked({ count, findings }: Checked, { strict }: { readonly strict: boolean }): string {
  const isStricter = strict && countsAsFailure(findings, { strict }) && !countsAsFailure(findings, { strict: false });
  const because = isStricter ? "; --strict makes it fail" : "";
  return `${renderCount(count, "processor")} checked: ${countFindings(findings)}${because}`;
}

/** The outcome in a format; that of `json` is what `--json` prints. */
export async function toOutcome(
  checked: Checked,
  options: { readonly format: ValidateFormat; readonly strict: boolean },
  ctx: CommandContext,
): Promise<Outcome> {
  const { findings } = checked;
  const json = findingsToJson(findings);
  const { format, strict } = options;
  if (format === "text") return { text: renderChecked(checked, { strict }), json, findings, strict };
  const exitCode = countsAsFailure(findings, { strict }) ? Exit.invalid : Exit.ok;
  const text = await renderFormat(format, findings, exitCode, ctx);
  if (!ctx.globals.json && findings.length === 0) ctx.progress(renderChecked(checked, { strict }));
  return { text, json, findings, strict, findingsOnStdout: true };
}

async function renderFormat(
  format: Exclude<ValidateFormat, "text">,
  findings: readonly Finding[],
  exitCode: number,
  ctx: CommandContext,
): Promise<string> {
  if (format === "json") return JSON.stringify(findingsToJson(findings), undefined, 2);
  const { fromRoot } = await import("../from-root.ts");
  const root = fromRoot(ctx.cwd, ctx.env);
  if (format === "github") {
    const { renderGithubCommands } = await import("./github-commands.ts");
    return renderGithubCommands(findings, root);
  }
  const [{ toSarif }, { readManifest, readPage }, { pageAddress }] = await Promise.all([
    import("./sarif.ts"),
    import("./read-page.ts"),
    import("./page-address.ts"),
  ]);
  const manifest = readManifest();
  const page = (code: string): string | undefined => {
    const explained = readPage(code);
    return explained.found ? explained.text : undefined;
  };
  const address = (code: string): string | undefined => pageAddress(code, manifest);
  return JSON.stringify(
    toSarif(findings, { version: ctx.version, page, address, fromRoot: root, exitCode }),
    undefined,
    2,
  );
}
