import { AssertionError } from "node:assert";
import type { Document } from "bson";
import { toMs } from "../compiler/kinds.ts";
import { authoredNamespace } from "../config/place-namespace.ts";
import type { Finding } from "../diagnostics/finding.ts";
import type { Duration } from "../stages/value-types.ts";
import type { FixtureCase } from "./case/fixture-case.ts";
import { noSettings } from "./case/fixture-settings.ts";
import type { CollectionName } from "./case/given.ts";
import { fromNamespace, toNamespace } from "./case/given.ts";
import type { Trial } from "./case/trial.ts";
import type { ExpectedDeadLetter } from "./compare/compare-dead-letters.ts";
import type { Project } from "./project.ts";
import { renderDifferences } from "./report/render-differences.ts";
import type { TrialReport } from "./report/test-report.ts";
import { toFlow } from "./run/flow.ts";
import type { Operation } from "./run/operations.ts";
import { prepareCase } from "./run/prepare-case.ts";
import { runTrials } from "./run/run-trials.ts";
import { stopSharedMongod, withSharedMongod } from "./spec/shared-mongod.ts";
import { toSpecProject } from "./spec/spec-project.ts";
import type { SpecProjectOptions, Specified } from "./spec/spec-project.ts";

/** Documents for the collection that the processor reads, or for several collections by `<db>.<coll>`. */
export type Documents = readonly Document[] | Readonly<Record<string, readonly Document[]>>;

export interface PipelineSpecOptions extends SpecProjectOptions {
  /** Default all four. */
  readonly trials?: readonly Trial[];
}

/** What a processor should do, in words: given what came before, when this comes, then that is there. */
export interface PipelineSpec extends AsyncDisposable {
  /** Events that have been applied before the ones under test. */
  given(documents: Documents): GivenSpec;
  /** The events under test, with nothing before them. */
  when(documents: Documents): GivenSpec;
}

/** What has happened so far; more may follow. */
export interface GivenSpec extends Expectation {
  /** The events under test. */
  when(documents: Documents): GivenSpec;
  /**
   * Lets time pass on the clock that windows of processing time and idle timeouts go by, once everything so far has gone through. It
   * begins at 2000-01-01T00:00:00Z.
   */
  advance(duration: Duration): GivenSpec;
}

/** Both run the processor on a real mongod, in every trial, and reject with an AssertionError that shows what differs. */
export interface Expectation {
  /**
   * The collections, by `<db>.<coll>`, hold exactly these documents at the end, compared as fixture cases are; a collection
   * that is not named is not compared. There are no dead letters, unless `_dlq` names them.
   */
  then(expected: Readonly<Record<string, readonly Document[]>>): Promise<void>;
  /** These are the dead letters, and there are no others. The collections are not compared. */
  thenDeadLetters(expected: readonly ExpectedDeadLetter[]): Promise<void>;
}

/**
 * Specifies one processor (or several that feed each other) for a test runner such as vitest. The first run starts a mongod
 * that all specifications of the process share.
 *
 * @example
 * const orders = await pipelineSpec(ordersProjection);
 * await orders
 *   .given([placed("o1")])
 *   .when([itemAdded("o1", 2)])
 *   .then({ "shop.orders": [{ _id: "o1", status: "placed", items: 2 }] });
 *
 * await clicksPerMinute
 *   .when([click("ada")])
 *   .advance({ size: 1, unit: "minute" })
 *   .then({ "web.clicks_per_minute": [{ _id: "ada", clicks: 1 }] });
 */
export async function pipelineSpec(specified: Specified, options: PipelineSpecOptions = {}): Promise<PipelineSpec> {
  const project = await toSpecProject(specified, options);
  const after = (happened: readonly Happening[]): GivenSpec => {
    const check = (expected: Partial<FixtureCase>): Promise<void> =>
      checkCase(project, { happened, expected, options });
    return {
      when: (documents) => after([...happened, { kind: "when", documents }]),
      advance: (duration) => after([...happened, { kind: "advance", ms: toDuration(duration) }]),
      // Named as the sentence reads; a promise that is made of it by mistake is told so.
      // oxlint-disable-next-line unicorn/no-thenable
      then: (expected) => {
        if (typeof expected === "function") throw new TypeError(awaited);
        const { _dlq: deadLetters, ...collections } = expected;
        return check({
          expected: Object.entries(collections).map(([name, documents]) => ({
            ...toName(name),
            file: name,
            documents,
          })),
          ...(deadLetters === undefined ? {} : { deadLetters: deadLetters }),
        });
      },
      thenDeadLetters: (deadLetters) => check({ deadLetters }),
    };
  };
  return {
    given: (documents) => after([{ kind: "given", documents }]),
    when: (documents) => after([{ kind: "when", documents }]),
    [Symbol.asyncDispose]: stopSharedMongod,
  };
}

type Happening =
  | { readonly kind: "given" | "when"; readonly documents: Documents }
  | { readonly kind: "advance"; readonly ms: number };

interface Check {
  readonly happened: readonly Happening[];
  readonly expected: Partial<FixtureCase>;
  readonly options: PipelineSpecOptions;
}

async function checkCase(project: Project, { happened, expected, options }: Check): Promise<void> {
  const steps = happened.flatMap((one) => toOperations(project, one));
  const inserts = steps.filter((step) => step.kind === "insert");
  const fixture: FixtureCase = {
    name: "specification",
    dir: project.cwd,
    settings: { ...noSettings, processors: project.names.map((name) => ({ name, at: {} })) },
    seed: [],
    given: inserts.map(({ collection, given: one, file }) => ({
      ...collection,
      file,
      open: async function* () {
        yield one;
      },
    })),
    expected: [],
    hasThen: true,
    findings: [],
    ...expected,
  };
  const { prepared, findings } = await prepareCase(fixture, project);
  if (prepared === undefined) throw failure(findings.map(({ message }) => message));
  const operations = async function* (): AsyncGenerator<Operation> {
    yield* steps;
  };
  const { trials } = options;
  const outcome = await withSharedMongod((mongod) =>
    runTrials({ ...prepared, operations }, { mongod, ...(trials === undefined ? {} : { trials }) }),
  );
  judge(outcome.reports, outcome.findings);
}

/** What is given has gone through before anything else happens. */
function toOperations(project: Project, happening: Happening): readonly Operation[] {
  if (happening.kind === "advance") return [happening];
  const inserts = toInserts(project, happening.documents, happening.kind);
  return happening.kind === "given" && inserts.length > 0 ? [...inserts, { kind: "caughtUp" }] : inserts;
}

function toDuration(duration: Duration): number {
  const ms = toMs(duration);
  if (ms === undefined) throw new TypeError('time passes by a duration, as in { size: 10, unit: "minute" }');
  return ms;
}

type Insert = Extract<Operation, { kind: "insert" }>;

function toInserts(project: Project, documents: Documents, file: string): readonly Insert[] {
  const byCollection = isList(documents) ? { [sourceOf(project)]: documents } : documents;
  return Object.entries(byCollection).flatMap(([name, list]) => {
    const collection = toName(name);
    // A copy: the driver gives an `_id` to a document that has none, which is to be the same in every trial.
    return list.map((document): Insert => ({ kind: "insert", collection, given: { document: { ...document } }, file }));
  });
}

function isList(documents: Documents): documents is readonly Document[] {
  return Array.isArray(documents);
}

/** The one collection that the first processor reads, by the name that authors use. */
function sourceOf({ definitions, environment }: Project): string {
  const [first] = definitions.values();
  const reads = first === undefined ? [] : toFlow(first.definition).reads;
  const { db, coll } = reads[0] ?? {};
  if (db === undefined || coll === undefined) {
    throw new TypeError('the processor reads no single collection: name it, as in given({ "shop.events": [...] })');
  }
  return toNamespace(authoredNamespace(db, coll, environment ?? { databases: {} }));
}

function toName(namespace: string): CollectionName {
  const name = fromNamespace(namespace);
  if (name === undefined) throw new TypeError(`\`${namespace}\` is not a collection: write <db>.<coll>`);
  return name;
}

function judge(reports: readonly TrialReport[], findings: readonly Finding[]): void {
  const broken = findings.filter(({ severity }) => severity === "error");
  if (broken.length > 0) throw failure(broken.map(({ message }) => message));
  const smallest = reports.find(({ ok }) => !ok);
  if (smallest === undefined) return;
  const heading = `in trial ${smallest.name}:`;
  throw failure([heading, ...renderDifferences(smallest.differences).map((line) => `  ${line}`)]);
}

function failure(lines: readonly string[]): AssertionError {
  return new AssertionError({ message: lines.join("\n"), operator: "pipelineSpec", stackStartFn: failure });
}

/** Awaiting an expectation calls its `then` with functions. */
const awaited = "nothing is expected yet: call .then({ … }) or .thenDeadLetters([…])";
