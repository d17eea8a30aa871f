import { stat } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import type { Finding } from "../../diagnostics/finding.ts";
import { findCases, fixturesFolder } from "../case/find-cases.ts";
import { noEventsCollection, noSuchSource, unknownFile } from "../case/findings.ts";
import type { FixtureCase } from "../case/fixture-case.ts";
import { noSettings } from "../case/fixture-settings.ts";
import type { CollectionName } from "../case/given.ts";
import { fromNamespace } from "../case/given.ts";
import { toGivenSource } from "../case/given-source.ts";
import { loadCase } from "../case/load-case.ts";
import type { Project } from "../project.ts";

/**
 * What to replay, as a case: one of the project's by its name, a folder of that shape, or a file of events for the `events`
 * collection of the config (or for `into`, as `<db>.<coll>`).
 */
export async function findReplaySource(
  project: Project,
  source: string,
  into: string | undefined,
): Promise<{ readonly fixture?: FixtureCase; readonly findings: readonly Finding[] }> {
  const { cwd } = project;
  const cases = await findCases(cwd);
  if (cases.includes(source)) return { fixture: await loadCase(join(cwd, fixturesFolder, source), cwd), findings: [] };
  const path = resolve(cwd, source);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return { findings: [noSuchSource({}, { source, cases })] };
  if (found.isDirectory()) return { fixture: await loadCase(path, cwd), findings: [] };
  const place = { file: relative(cwd, path), line: 1, column: 1 };
  if (!/\.(ndjson|jsonl|json|ya?ml|[cm]?[jt]s)$/.test(path)) {
    const expected = "a file of events: .ndjson, .json, .yaml or .ts";
    return { findings: [unknownFile({ place }, { name: basename(path), expected })] };
  }
  const collection = collectionOf(project, into);
  if (collection === undefined) return { findings: [noEventsCollection({}, { into })] };
  const { source: given, findings } = await toGivenSource(cwd, path, collection);
  if (given === undefined) return { findings };
  return { fixture: toCase(path, given), findings };
}

function collectionOf({ environment }: Project, into: string | undefined): CollectionName | undefined {
  if (into !== undefined) return fromNamespace(into);
  const events = environment?.events;
  return events === undefined ? undefined : { db: events.db, coll: events.coll };
}

/** A case that gives one file and expects nothing. */
function toCase(path: string, given: FixtureCase["given"][number]): FixtureCase {
  return {
    name: basename(path),
    dir: resolve(path, ".."),
    settings: noSettings,
    seed: [],
    given: [given],
    expected: [],
    hasThen: false,
    findings: [],
  };
}
