import type { MongoClient } from "mongodb";
import { isAspError } from "../../diagnostics/asp-error.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import type { TimeEvent } from "../../engine/core/time-event.ts";
import { isWindow } from "../../engine/core/plan-window.ts";
import type { ProcessorStats } from "../../engine/engine.ts";
import type { Trial } from "../case/trial.ts";
import { trials } from "../case/trial.ts";
import type { Difference } from "../compare/difference.ts";
import { toReportDifference } from "../report/to-report-value.ts";
import type { TrialReport } from "../report/test-report.ts";
import type { TimeReport } from "../report/time-report.ts";
import { toTimeReports } from "../report/time-report.ts";
import { compareState, toExpectedState } from "./compare-state.ts";
import type { EndState, WrittenCollection } from "./end-state.ts";
import { readEndState } from "./end-state.ts";
import { expectedOf } from "./expected-of.ts";
import type { PreparedCase } from "./prepare-case.ts";
import { failed, missingThen, nothingCompared } from "./run-findings.ts";
import { runTrial } from "./run-trial.ts";
import type { TestMongod } from "./test-mongod.ts";
import type { EmittedMessages } from "./trial-topics.ts";
import { findWrittenCollections } from "./written-collections.ts";

export interface RunTrialsOptions {
  readonly mongod: TestMongod;
  /** Default all. */
  readonly trials?: readonly Trial[];
  /** Compares the trials with each other only. */
  readonly update?: boolean;
  /** Says what the straight trial did to windows. */
  readonly explainTime?: boolean;
  /** A written collection without a file under then/ is an error, not a warning. */
  readonly ci?: boolean;
  readonly signal?: AbortSignal;
}

/** What the trials of a case showed. */
export interface TrialsOutcome {
  readonly reports: readonly TrialReport[];
  readonly findings: readonly Finding[];
  readonly straight: EndState | undefined;
  /** Where it was asked for. */
  readonly time: readonly TimeReport[] | undefined;
  readonly written: readonly WrittenCollection[];
}

/** Runs a case once for each trial, and compares each with then/ and with the straight one. */
export function runTrials(prepared: PreparedCase, options: RunTrialsOptions): Promise<TrialsOutcome> {
  return new CaseRun(prepared, options).run();
}

/** Findings with which a case can go on. */
const remarks = ["ASP4111", "ASP4271"];

/** One case while it is run: what the straight trial showed is what the others are held against. */
class CaseRun {
  readonly #case: PreparedCase;
  readonly #options: RunTrialsOptions;
  readonly #client: MongoClient;
  readonly #findings: Finding[] = [];
  readonly #time: TimeEvent[] = [];
  #straight: EndState | undefined;
  #written: readonly WrittenCollection[] = [];
  #count = 0;

  constructor(prepared: PreparedCase, options: RunTrialsOptions) {
    this.#case = prepared;
    this.#options = options;
    this.#client = options.mongod.cluster.client;
  }

  async run(): Promise<TrialsOutcome> {
    const reports: TrialReport[] = [];
    const { skipped } = this.#case.fixture.settings;
    const wanted = this.#options.trials ?? trials;
    let broken: Trial | undefined;
    for (const trial of trials.filter((name) => wanted.includes(name))) {
      const why = skipped[trial];
      if (why !== undefined) reports.push({ name: trial, ok: true, skipped: why, differences: [], seconds: 0 });
      else if (broken !== undefined) {
        const reason = `a processor FAILED in trial ${broken}`;
        reports.push({ name: trial, ok: false, skipped: reason, differences: [], seconds: 0 });
      } else {
        const found = this.#findings.length;
        reports.push(await this.#runTrial(trial));
        if (this.#findings.slice(found).some(({ code }) => !remarks.includes(code))) broken = trial;
      }
    }
    const time = this.#options.explainTime === true ? toTimeReports(this.#case.definitions, this.#time) : undefined;
    return { reports, findings: this.#findings, straight: this.#straight, time, written: this.#written };
  }

  async #runTrial(trial: Trial): Promise<TrialReport> {
    const startedAt = performance.now();
    const done = (ok: boolean, differences: readonly Difference[]): TrialReport => {
      const seconds = (performance.now() - startedAt) / 1000;
      return { name: trial, ok, differences: differences.map(toReportDifference), seconds };
    };
    const { fixture, environment, definitions, variables, topics } = this.#case;
    const { mongod, signal } = this.#options;
    let stats: readonly ProcessorStats[];
    let emitted: EmittedMessages;
    try {
      const run = await runTrial({
        mongod,
        environment,
        definitions,
        variables,
        topics,
        seed: fixture.seed,
        operations: this.#case.operations,
        trial,
        count: this.#count,
        ...(this.#options.explainTime === true && trial === "straight"
          ? { onTime: (event) => this.#time.push(event) }
          : {}),
        ...(signal === undefined ? {} : { signal }),
      });
      ({ stats, emitted } = run);
      if (this.#count === 0) this.#count = run.count;
    } catch (error) {
      // The world's refusals end the whole run; those of the engine and of the config's collections are the project's own,
      // as long as mongod is well.
      if (!isAspError(error) || !/^ASP(51|413[01])/.test(error.code)) throw error;
      await this.#ping();
      const { code, message, help } = error;
      this.#findings.push({ code, severity: "error", message, ...(help === undefined ? {} : { help }) });
      return done(false, []);
    }
    const failures = stats.filter(({ state }) => state === "FAILED");
    if (failures.length > 0) await this.#ping();
    for (const { name, error } of failures) {
      const reason = error?.message ?? "for a reason that is not known";
      this.#findings.push(failed({ processor: name }, { processor: name, trial, reason, help: error?.help }));
    }
    this.#written = await findWrittenCollections(mongod, this.#case, emitted);
    const state = await readEndState(this.#client, this.#written, this.#deadLetterTargets());
    const differences = this.#compare(trial, state);
    if (this.#straight === undefined) {
      this.#straight = state;
      if (this.#options.update !== true && failures.length === 0) this.#noteMissingThen(state);
    }
    return done(failures.length === 0 && differences.length === 0, differences);
  }

  #compare(trial: Trial, state: EndState): readonly Difference[] {
    const options = { written: this.#written, once: trial === "redelivered" || trial === "restarted" };
    if (this.#options.update !== true) {
      const differences = compareState(expectedOf(this.#case.fixture), state, options);
      if (differences.length > 0) return differences;
    }
    return this.#straight === undefined ? [] : compareState(toExpectedState(this.#straight), state, options);
  }

  #noteMissingThen(state: EndState): void {
    const { collections } = toExpectedState(state);
    const expected = expectedOf(this.#case.fixture).collections;
    const isNothing = [...collections.values()].every((documents) => documents.length === 0);
    if (isNothing && this.#written.length > 0 && state.deadLetters.length === 0 && !this.#case.fixture.hasThen) {
      const window = this.#case.definitions.find(({ pipeline }) => pipeline.some(isWindow))?.name;
      this.#findings.push(nothingCompared({}, { name: this.#case.fixture.name, window }));
    }
    for (const { label, processors } of this.#written) {
      if (expected.has(label) || (collections.get(label) ?? []).length === 0) continue;
      const finding = missingThen({}, { collection: label, processors });
      this.#findings.push({ ...finding, severity: this.#options.ci === true ? "error" : "warning" });
    }
  }

  #deadLetterTargets() {
    return this.#case.definitions.flatMap(({ options }) => (options?.dlq === undefined ? [] : [options.dlq]));
  }

  /** Throws what the driver throws where mongod is what has failed. */
  async #ping(): Promise<void> {
    await Promise.race([this.#client.db("admin").command({ ping: 1 }), this.#options.mongod.died]);
  }
}
