import { join, relative } from "node:path";
import type { Environment } from "../../config/environment.ts";
import { isAboutVariable } from "../../config/interpolate.ts";
import type { Variables } from "../../config/interpolate.ts";
import { placeNamespace } from "../../config/place-namespace.ts";
import { unknownEnvironment } from "../../config/resolve-environment.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import type { Definition } from "../../stages/definition.ts";
import { emptyCase, nobodyReads, nobodyWrites, unknownProcessor } from "../case/findings.ts";
import type { FixtureCase } from "../case/fixture-case.ts";
import type { CollectionName, GivenSource } from "../case/given.ts";
import { isTopic, toNamespace } from "../case/given.ts";
import type { Project } from "../project.ts";
import type { Flow, Reach } from "./flow.ts";
import { reaches, selectProcessors, toFlow } from "./flow.ts";
import { toOperations } from "./operations.ts";
import type { Operation } from "./operations.ts";
import { topicsOf } from "./topics-of.ts";

/** A case beside the processors that take part in it. */
export interface PreparedCase {
  readonly fixture: FixtureCase;
  readonly environment: Environment;
  readonly flows: readonly Flow[];
  readonly definitions: readonly Definition[];
  /** For `${NAME}` in the settings of connections. */
  readonly variables: Variables;
  /** Topics that are there from the start, and how many partitions each has. */
  readonly topics: ReadonlyMap<string, number>;
  /** What happens, from the start each time. */
  readonly operations: () => AsyncIterable<Operation>;
}

/** Why a case cannot be run is among the findings, or the project's own findings say it (then `isBlocked`). */
export interface Preparation {
  readonly prepared?: PreparedCase;
  readonly findings: readonly Finding[];
  readonly isBlocked: boolean;
}

/** Finds the processors of a case and checks what can only be told beside them. */
export async function prepareCase(fixture: FixtureCase, base: Project): Promise<Preparation> {
  const { environment: chosen, processors, variables } = fixture.settings;
  const isOwn = chosen !== undefined || Object.keys(variables).length > 0;
  const project = isOwn ? await base.inEnvironment(chosen?.name, variables) : base;
  const { environment } = project;
  if (environment === undefined) return withoutEnvironment(fixture, project);
  const unset = project.findings.filter(isAboutVariable);
  if (unset.length > 0) return { findings: unset, isBlocked: false };
  const unknown = (processors ?? []).filter(({ name }) => !project.names.includes(name));
  if (unknown.length > 0) {
    const findings = unknown.map(({ name, at }) => unknownProcessor(at, { name, known: project.names }));
    return { findings, isBlocked: false };
  }
  const all = [...project.definitions.values()].map(({ definition }) => ({ ...toFlow(definition), definition }));
  const here: ToHere = (name) => (isTopic(name) ? name : placeNamespace(name.db, name.coll, environment));
  const given = collectionsGiven(fixture).map(here);
  const only = processors?.map(({ name }) => name);
  const flows = selectProcessors(all, given, only);
  const findings = await checkFlows(fixture, { all, flows, here, cwd: project.cwd });
  const isMissing = only?.some((name) => !project.definitions.has(name)) ?? false;
  if (findings.length > 0 || isMissing) {
    // A processor that did not compile has its findings already: what follows from its absence would only distract.
    const isBroken = project.names.some((name) => !project.definitions.has(name));
    const own = isBroken ? findingsOfEnvironment(project, base) : findings;
    return { findings: own, isBlocked: isBroken };
  }
  const definitions = flows.map(({ definition }) => withDeadLetters(definition));
  return {
    prepared: {
      fixture,
      environment,
      flows,
      definitions,
      variables: project.variables,
      topics: await topicsOf(fixture, definitions),
      operations: () => operationsOf(fixture, environment),
    },
    findings: [],
    isBlocked: false,
  };
}

type ToHere = (name: CollectionName) => CollectionName;

function withoutEnvironment({ settings: { environment: chosen } }: FixtureCase, { config }: Project): Preparation {
  if (chosen === undefined || config === undefined) return { findings: [], isBlocked: true };
  const known = Object.keys(config.environments);
  const finding = unknownEnvironment(chosen.at, { name: chosen.name, known, file: config.file });
  return { findings: [finding], isBlocked: false };
}

/** What is wrong with the processors in the case's own environment only, and so not reported with the project. */
function findingsOfEnvironment(project: Project, base: Project): readonly Finding[] {
  const known = new Set(base.findings.map((finding) => JSON.stringify(finding)));
  return project.findings.filter((finding) => !known.has(JSON.stringify(finding)));
}

interface Selection {
  readonly all: readonly Flow[];
  readonly flows: readonly Flow[];
  readonly here: ToHere;
  readonly cwd: string;
}

/** Something must be given, somebody must read it, and what is expected somebody must write. */
async function checkFlows(fixture: FixtureCase, { all, flows, here, cwd }: Selection): Promise<readonly Finding[]> {
  const folder = { file: join(relative(cwd, fixture.dir), "given"), line: 1, column: 1 };
  const passes = fixture.steps?.some(({ kind }) => kind === "advance") ?? false;
  const runsByItself = flows.some(({ isFinite, isScheduled }) => isFinite || (isScheduled && passes));
  if (!runsByItself && !(await givesAnything(fixture))) {
    const file = fixture.given[0]?.file;
    return [emptyCase({ place: { ...folder, file: file ?? folder.file } }, { name: fixture.name, file })];
  }
  if (flows.length === 0) {
    const place = { ...folder, file: fixture.given[0]?.file ?? folder.file };
    const read = toNames(all.flatMap(({ reads }) => reads));
    return [nobodyReads({ place }, { collections: collectionsGiven(fixture).map(toNamespace), read })];
  }
  const writes = flows.flatMap((flow) => flow.writes);
  const strangers = fixture.expected.filter((one) => !writes.some((write) => reaches(write, here(one))));
  return strangers.map(({ file, ...name }) =>
    nobodyWrites({ place: { file, line: 1, column: 1 } }, { collection: toNamespace(name), written: toNames(writes) }),
  );
}

function toNames(reaches: readonly Reach[]): readonly string[] {
  return [...new Set(reaches.map(({ db = "*", coll = "*" }) => `${db}.${coll}`))];
}

function operationsOf({ given, steps, settings }: FixtureCase, { events }: Environment): AsyncIterable<Operation> {
  return toOperations({
    given,
    ...(steps === undefined ? {} : { steps }),
    order: settings.order,
    timePath: events?.envelope.time ?? "time",
  });
}

/** Dead letters of processors without a queue are kept too: a case must not pass because nobody looked. */
function withDeadLetters(definition: Definition): Definition {
  if (definition.options?.dlq !== undefined) return definition;
  const connectionName = String(definition.pipeline.at(-1)?.["$merge"]?.into?.connectionName ?? "");
  const dlq = { connectionName, db: "asp_test", coll: "dead_letters" };
  return { ...definition, options: { ...definition.options, dlq } };
}

/** The collections that given files and steps fill. */
export function collectionsGiven({ given, steps }: FixtureCase): readonly CollectionName[] {
  const names = new Map<string, CollectionName>();
  for (const name of [...given, ...(steps ?? []).flatMap(collectionsOfStep)]) names.set(toNamespace(name), name);
  return [...names.values()].map(({ db, coll }) => ({ db, coll }));
}

function collectionsOfStep(step: NonNullable<FixtureCase["steps"]>[number]): readonly CollectionName[] {
  if (step.kind === "given") return [step.collection];
  if (step.kind === "write") return [step.write.collection];
  return step.kind === "transaction" ? step.writes.map(({ collection }) => collection) : [];
}

async function givesAnything({ given, steps }: FixtureCase): Promise<boolean> {
  if (steps !== undefined)
    return steps.some(({ kind }) => kind === "given" || kind === "write" || kind === "transaction");
  for (const source of given) {
    if (await hasDocument(source)) return true;
  }
  return false;
}

async function hasDocument(source: GivenSource): Promise<boolean> {
  for await (const _ of source.open()) return true;
  return false;
}
