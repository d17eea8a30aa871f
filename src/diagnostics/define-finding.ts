import type { At, Finding, FindingCode, Severity } from "./finding.ts";

/** How one code reads: its texts as functions of the data a rule hands over. */
export interface FindingText<Data> {
  readonly severity: Severity;
  /** Sentence case, no full stop, names the user's own thing. */
  readonly message: (data: Data) => string;
  readonly notes?: (data: Data) => readonly string[];
  /** One imperative. */
  readonly help?: string | ((data: Data) => string | undefined);
}

/** A constructor of findings of one code, documented in `docs/errors/<code>.md`. */
export interface FindingConstructor<Data> {
  (at: At, data: Data): Finding;
  readonly code: FindingCode;
  readonly severity: Severity;
}

/**
 * Declares a code once; the rule that finds it calls the result.
 *
 * @example
 * const sinkNotLast = defineFinding<{ sink: string }>("ASP2003", {
 *   severity: "error",
 *   message: ({ sink }) => `\`${sink}\` must be the last stage`,
 *   help: "move the sink to the end, or split the pipeline into two processors",
 * });
 */
export function defineFinding<Data>(code: FindingCode, text: FindingText<Data>): FindingConstructor<Data> {
  const construct = (at: At, data: Data): Finding => {
    const notes = text.notes?.(data) ?? [];
    const help = typeof text.help === "function" ? text.help(data) : text.help;
    return {
      code,
      severity: text.severity,
      message: text.message(data),
      ...(at.processor === undefined ? {} : { processor: at.processor }),
      ...(at.path === undefined ? {} : { path: at.path }),
      ...at.place,
      ...(at.length === undefined ? {} : { length: at.length }),
      ...(notes.length === 0 ? {} : { notes }),
      ...(help === undefined ? {} : { help }),
    };
  };
  return Object.assign(construct, { code, severity: text.severity });
}
