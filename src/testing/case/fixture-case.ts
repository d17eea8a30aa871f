import type { Finding } from "../../diagnostics/finding.ts";
import type { StoredDocument } from "../compare/compare-collections.ts";
import type { ExpectedDeadLetter } from "../compare/compare-dead-letters.ts";
import type { FixtureSettings } from "./fixture-settings.ts";
import type { CollectionName, GivenSource } from "./given.ts";
import type { Step } from "./parse-steps.ts";

/** What a file under then/ says a collection holds at the end. */
export interface ExpectedCollection extends CollectionName {
  /** Relative to the project. */
  readonly file: string;
  readonly documents: readonly StoredDocument[];
  /** Where each document stands in the file, from 1. */
  readonly lines?: readonly number[];
}

/** A folder under test/fixtures/, read: what is given and what must come out. */
export interface FixtureCase {
  readonly name: string;
  /** Absolute. */
  readonly dir: string;
  readonly settings: FixtureSettings;
  readonly seed: readonly GivenSource[];
  readonly given: readonly GivenSource[];
  /** From given/_steps.yaml; without it the given files are inserted one after the other. */
  readonly steps?: readonly Step[];
  readonly expected: readonly ExpectedCollection[];
  /** Absent where there is no then/_dlq.ndjson: then there may be none. */
  readonly deadLetters?: readonly ExpectedDeadLetter[];
  /** True where there is a then/ folder. */
  readonly hasThen: boolean;
  readonly findings: readonly Finding[];
}
