import type { Finding } from "../../diagnostics/finding.ts";

/**
 * Carries a finding out of a stream of documents that cannot go on: caught where a case is run, and reported as the
 * finding that it holds.
 */
export class FixtureError extends Error {
  override readonly name = "FixtureError";
  readonly finding: Finding;

  constructor(finding: Finding) {
    super(finding.message);
    this.finding = finding;
  }
}
