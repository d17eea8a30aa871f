import type { Adjustment } from "./adjustment.ts";
import { defineFinding } from "./define-finding.ts";
import type { Finding } from "./finding.ts";
import { isFixedCode } from "./fixed-codes.ts";
import { didYouMean } from "./suggest.ts";

/** Documented in docs/errors/ASP4020.md. */
export const unknownCode = defineFinding<{ code: string; known: readonly string[] }>("ASP4020", {
  severity: "error",
  message: ({ code }) => `there is no finding \`${code}\``,
  help: ({ code, known }) => didYouMean(code, known) ?? "write the code as it stands in brackets, like `ASP1030`",
});

/** Documented in docs/errors/ASP4021.md. */
export const noReason = defineFinding<{ code: string; written: Adjustment["scope"]["kind"] }>("ASP4021", {
  severity: "error",
  message: ({ code }) => `\`${code}\` is silenced without a reason`,
  help: ({ code, written }) =>
    written === "line"
      ? `say why after a colon: \`asp-ignore ${code}: reason\``
      : `say why: \`${code}: { severity: off, reason: "…" }\``,
});

/** Documented in docs/errors/ASP4022.md. */
export const fixedCode = defineFinding<{ code: string }>("ASP4022", {
  severity: "error",
  message: ({ code }) => `\`${code}\` can be neither silenced nor changed`,
  notes: () => ["after it there is nothing to run or deploy, or it does not come from checking a project"],
  help: ({ code }) => `remove this and mend what \`asp explain ${code}\` tells about`,
});

/** Documented in docs/errors/ASP4023.md. */
export const unusedAdjustment = defineFinding<{ adjustment: Adjustment; environment: string }>("ASP4023", {
  severity: "warning",
  message: ({ adjustment: { code, severity } }) =>
    `nothing is found for \`${code}\` here, so that nothing is ${severity === "off" ? "silenced" : "changed"}`,
  notes: ({ environment }) => [`the whole project was checked for the environment \`${environment}\``],
  help: ({ adjustment: { code, scope }, environment }) =>
    scope.kind === "config" && scope.environment === environment
      ? "remove it"
      : `remove it; where another environment needs \`${code}\`, write it in that one's \`findings\``,
});

/** Documented in docs/errors/ASP4024.md. */
export const unknownProcessor = defineFinding<{ code: string; name: string; known: readonly string[] }>("ASP4024", {
  severity: "error",
  message: ({ code, name }) => `\`${code}\` is changed for the processor \`${name}\`, which is not there`,
  notes: ({ known }) => (known.length === 0 ? [] : [`there are: ${known.join(", ")}`]),
  help: ({ name, known }) => didYouMean(name, known) ?? "remove it",
});

/** What adjustments are checked against. */
export interface AdjustmentContext {
  /** All codes there are. */
  readonly codes: readonly string[];
  /** All processors there are; absent where some may not have been loaded. */
  readonly processors?: readonly string[];
}

/** What is wrong with adjustments, whatever they are about. */
export function checkAdjustments(
  adjustments: readonly Adjustment[],
  { codes, processors }: AdjustmentContext,
): readonly Finding[] {
  const known = new Set(codes);
  return adjustments.flatMap(({ code, severity, reason, at, scope }) => {
    if (!known.has(code)) return [unknownCode(at, { code, known: codes })];
    if (isFixedCode(code)) return [fixedCode(at, { code })];
    const named = (scope.kind === "config" ? scope.processors : undefined) ?? [];
    const missing = processors === undefined ? [] : named.filter((name) => !processors.includes(name));
    return [
      ...(severity === "off" && reason === undefined ? [noReason(at, { code, written: scope.kind })] : []),
      ...missing.map((name) => unknownProcessor(at, { code, name, known: processors ?? [] })),
    ];
  });
}
