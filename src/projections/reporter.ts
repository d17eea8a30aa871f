import type { FindingConstructor } from "../diagnostics/define-finding.ts";
import type { Finding, Place } from "../diagnostics/finding.ts";

/** Collects the findings of one projection, each with the nearest place that is known. */
export interface Reporter {
  readonly findings: Finding[];
  /** `near` goes from the closest object to the farthest; the first one with a known place counts. */
  report<Data>(finding: FindingConstructor<Data>, data: Data, near?: readonly unknown[]): void;
}

export function createReporter(
  projection: object,
  processor: string | undefined,
  at: (value: object) => Place | undefined,
): Reporter {
  const findings: Finding[] = [];
  return {
    findings,
    report(finding, data, near = []) {
      const place = [...near, projection].map((value) => placeOf(value, at)).find((found) => found !== undefined);
      findings.push(
        finding({ ...(processor === undefined ? {} : { processor }), ...(place === undefined ? {} : { place }) }, data),
      );
    },
  };
}

function placeOf(value: unknown, at: (value: object) => Place | undefined): Place | undefined {
  return (typeof value === "object" && value !== null) || typeof value === "function" ? at(value) : undefined;
}
