import type { Environment } from "../../config/environment.ts";
import { unknownEnvironment } from "../../config/resolve-environment.ts";
import type { At, Finding } from "../../diagnostics/finding.ts";
import type { Definition } from "../../stages/definition.ts";
import { emptyCase, nobodyReads, nobodyWrites, unknownProcessor } from "../case/findings.ts";
import type { FixtureCase } from "../case/fixture-case.ts";
import type { CollectionName, GivenSource } from "../case/given.ts";
import { toNamespace } from "../case/given.ts";
import type { Project } from "../project.ts";
import type { Flow } from "./flow.ts";
import { reaches, selectProcessors, toFlow } from "./flow.ts";
import { toOperations } from "./operations.ts";
import type { Operation } from "./operations.ts";

/** A case beside the processors that take part in it. */
export interface PreparedCase {
  readonly fixture: FixtureCase;
  readonly environment: Environment;
  readonly flows: readonly Flow[];
  readonly definitions: readonly Definition[];
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
  const findings: Finding[] = [];
  const { environment: chosen, processors } = fixture.settings;
  const project = chosen === undefined ? base : base.inEnvironment(chosen.name);
  const { environment } = project;
  if (environment === undefined) {
    const known = Object.keys(project.config?.environments ?? {});
    const isUnknown = chosen !== undefined && project.config !== undefined;
    const file = project.config?.file ?? "";
    const unknown = isUnknown ? [unknownEnvironment(chosen.at, { name: chosen.name, known, file })] : [];
    return { findings: unknown, isBlocked: unknown.length === 0 };
  }
  for (const { name, at } of processors ?? []) {
    if (!project.names.includes(name)) findings.push(unknownProcessor(at, { name, known: project.names }));
  }
  if (findings.length > 0) return { findings, isBlocked: false };

  const here = (name: CollectionName): CollectionName => ({ ...name, db: environment.databases[name.db] ?? name.db });
  const all = [...project.definitions.values()].map(({ definition }) => ({ ...toFlow(definition), definition }));
  const given = collectionsGiven(fixture);
  const flows = selectProcessors(
    all,
    given.map(here),
    processors?.map(({ name }) => name),
  );
  // A processor that did not compile has its findings already; that it is missing here needs no finding of its own.
  const isBroken = project.names.some((name) => !project.definitions.has(name));

  if (!flows.some(({ isFinite }) => isFinite) && !(await givesAnything(fixture))) {
    const place = { file: `${relativeDir(fixture, project.cwd)}/given`, line: 1, column: 1 };
    findings.push(emptyCase({ place }, { name: fixture.name }));
  } else if (flows.length === 0 && !isBroken) {
    const read = all.flatMap(({ reads }) => reads.map(({ db = "*", coll = "*" }) => `${db}.${coll}`));
    const place = { file: fixture.given[0]?.file ?? `${relativeDir(fixture, project.cwd)}/given`, line: 1, column: 1 };
    findings.push(nobodyReads({ place }, { collections: given.map(toNamespace), read: [...new Set(read)] }));
  }
  const written = flows.flatMap(({ writes }) => writes);
  const strangers = fixture.expected.filter((one) => !written.some((write) => reaches(write, here(one))));
  if (!isBroken && findings.length === 0) {
    for (const { file, ...name } of strangers)
      findings.push(strangerFinding({ place: { file, line: 1, column: 1 } }, name, written));
  }
  const missing = processors?.some(({ name }) => !project.definitions.has(name)) ?? false;
  const isBlocked = isBroken && (flows.length === 0 || strangers.length > 0 || missing);
  if (findings.length > 0 || isBlocked) return { findings, isBlocked };
  const definitions = flows.map(({ definition }) => withDeadLetters(definition));
  const operations = (): AsyncIterable<Operation> =>
    toOperations({
      given: fixture.given,
      ...(fixture.steps === undefined ? {} : { steps: fixture.steps }),
      order: fixture.settings.order,
      timePath: environment.events?.envelope.time ?? "time",
    });
  return { prepared: { fixture, environment, flows, definitions, operations }, findings, isBlocked };
}

/** Dead letters of processors without a queue are kept too: a case must not pass because nobody looked. */
export function withDeadLetters(definition: Definition): Definition {
  if (definition.options?.dlq !== undefined) return definition;
  const connectionName = String(definition.pipeline.at(-1)?.["$merge"]?.into?.connectionName ?? "");
  const dlq = { connectionName, db: "asp_test", coll: "dead_letters" };
  return { ...definition, options: { ...definition.options, dlq } };
}

function strangerFinding(at: At, name: CollectionName, written: PreparedCase["flows"][number]["writes"]): Finding {
  const names = written.map(({ db = "*", coll = "*" }) => `${db}.${coll}`);
  return nobodyWrites(at, { collection: toNamespace(name), written: [...new Set(names)] });
}

function collectionsGiven({ given, steps }: FixtureCase): readonly CollectionName[] {
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

function relativeDir({ dir }: FixtureCase, cwd: string): string {
  return dir.startsWith(cwd) ? dir.slice(cwd.length + 1) : dir;
}
