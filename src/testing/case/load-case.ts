import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import type { Finding } from "../../diagnostics/finding.ts";
import { isPlainDocument } from "../compare/compare-values.ts";
import type { StoredDocument } from "../compare/compare-collections.ts";
import type { ExpectedDeadLetter } from "../compare/compare-dead-letters.ts";
import { notRunYet, unknownEntry, unknownFile, wrongValue } from "./findings.ts";
import type { ExpectedCollection, FixtureCase } from "./fixture-case.ts";
import { noSettings, parseFixtureSettings } from "./fixture-settings.ts";
import type { CollectionName, GivenSource } from "./given.ts";
import { fromNamespace, isTopic, toNamespace } from "./given.ts";
import { toGivenSource } from "./given-source.ts";
import { checkMessage } from "./message.ts";
import { parseSteps } from "./parse-steps.ts";
import { readDocuments } from "./read-documents.ts";

/**
 * Reads a case folder as DESIGN section 5 has it. What is wrong in it is among the findings, with file and line; what can
 * only be told beside the project's processors is checked when the case is run.
 */
export async function loadCase(dir: string, cwd: string): Promise<FixtureCase> {
  const findings: Finding[] = [];
  const collect = <T extends { readonly findings: readonly Finding[] }>(part: T): T => {
    findings.push(...part.findings);
    return part;
  };
  const settingsPath = join(dir, "fixture.yaml");
  const { settings } = existsSync(settingsPath)
    ? collect(parseFixtureSettings(await readFile(settingsPath, "utf8"), relative(cwd, settingsPath)))
    : { settings: noSettings };
  findings.push(...(await strangeEntries(dir, cwd)));
  const seed = collect(await loadSources(join(dir, "seed"), cwd)).sources;
  const { sources: given, named } = collect(await loadSources(join(dir, "given"), cwd));
  const stepsPath = join(dir, "given", "_steps.yaml");
  const steps = existsSync(stepsPath)
    ? collect(parseSteps(await readFile(stepsPath, "utf8"), relative(cwd, stepsPath))).steps
    : undefined;
  for (const step of steps ?? []) {
    if (step.kind !== "given" || named.includes(toNamespace(step.collection))) continue;
    const files = named.join(", ");
    const expected = files === "" ? "the name of a file under given/, which has none" : `a file under given/: ${files}`;
    const found = toNamespace(step.collection);
    findings.push(wrongValue(step.at, { what: `\`given: ${found}\``, expected, found, words: named }));
  }
  const { expected, deadLetters } = collect(await loadExpected(join(dir, "then"), cwd));
  return {
    name: basename(dir),
    dir,
    settings,
    seed,
    given,
    ...(steps === undefined ? {} : { steps }),
    expected,
    ...(deadLetters === undefined ? {} : { deadLetters }),
    hasThen: existsSync(join(dir, "then")),
    findings,
  };
}

/** What somebody may have meant as a part of a case: other names of it, and one letter off. */
const meantAs: ReadonlyMap<string, readonly string[]> = new Map([
  ["fixture.yaml", ["fixture.yml", "fixture.json", "fixtures.yaml", "fixtures.yml", "config.yaml", "settings.yaml"]],
  ["given/_steps.yaml", ["_steps.yaml", "_steps.yml", "steps.yaml", "steps.yml"]],
  ["then/_dlq.ndjson", ["_dlq.ndjson"]],
  ["seed", ["seeds", "before", "setup"]],
  ["given", ["givens", "input", "inputs", "events"]],
  ["then", ["thens", "expected", "expect", "output", "outputs", "result", "results", "after"]],
]);

/** Other files are the author's own: a README, notes, what a generator reads. */
async function strangeEntries(dir: string, cwd: string): Promise<readonly Finding[]> {
  const names = existsSync(dir) ? (await readdir(dir)).toSorted() : [];
  return names.flatMap((name) => {
    if (["fixture.yaml", "seed", "given", "then"].includes(name)) return [];
    const spelt = name.toLowerCase();
    const [meant] = [...meantAs].find(([own, others]) => own === spelt || others.includes(spelt)) ?? [];
    const place = { file: relative(cwd, join(dir, name)), line: 1, column: 1 };
    return meant === undefined ? [] : [unknownEntry({ place }, { name, meant })];
  });
}

async function loadSources(
  dir: string,
  cwd: string,
): Promise<{
  readonly sources: readonly GivenSource[];
  /** Collections and topics that have a file, also one that cannot be read. */
  readonly named: readonly string[];
  readonly findings: readonly Finding[];
}> {
  const sources: GivenSource[] = [];
  const named: string[] = [];
  const findings: Finding[] = [];
  for (const file of await documentFiles(dir, cwd, /\.(ndjson|json|ya?ml|[cm]?[jt]s)$/)) {
    if ("finding" in file) {
      findings.push(file.finding);
      continue;
    }
    named.push(toNamespace(file.collection));
    const { source, findings: bad } = await toGivenSource(cwd, file.path, file.collection);
    findings.push(...bad);
    if (source !== undefined) sources.push(source);
  }
  return { sources, named, findings };
}

async function loadExpected(
  dir: string,
  cwd: string,
): Promise<{
  readonly expected: readonly ExpectedCollection[];
  readonly deadLetters?: readonly ExpectedDeadLetter[];
  readonly findings: readonly Finding[];
}> {
  const expected: ExpectedCollection[] = [];
  const findings: Finding[] = [];
  const read = async (path: string): Promise<readonly { document: StoredDocument; line?: number }[]> => {
    const documents: { document: StoredDocument; line?: number }[] = [];
    for await (const one of readDocuments({ cwd, path, reading: "expected" })) {
      if ("finding" in one) findings.push(one.finding);
      else documents.push(one);
    }
    return documents;
  };
  for (const file of await documentFiles(dir, cwd, /\.(ndjson|json|ya?ml)$/)) {
    if ("finding" in file) findings.push(file.finding);
    else {
      const documents = await read(file.path);
      for (const { document, line = 1 } of isTopic(file.collection) ? documents : []) {
        findings.push(...checkMessage(document, { place: { file: relative(cwd, file.path), line, column: 1 } }));
      }
      expected.push({
        ...file.collection,
        file: relative(cwd, file.path),
        documents: documents.map(({ document }) => document),
        lines: documents.map(({ line = 1 }) => line),
      });
    }
  }
  const lettersPath = join(dir, "_dlq.ndjson");
  if (!existsSync(lettersPath)) return { expected, findings };
  const deadLetters = await read(lettersPath);
  for (const { document, line = 1 } of deadLetters) {
    const place = { file: relative(cwd, lettersPath), line, column: 1 };
    const wrong = checkDeadLetter(document);
    if (wrong !== undefined) findings.push(wrongValue({ place }, wrong));
  }
  return { expected, deadLetters: deadLetters.map(({ document }) => document as ExpectedDeadLetter), findings };
}

function checkDeadLetter(letter: StoredDocument): { what: string; expected: string } | undefined {
  const errInfo = letter["errInfo"];
  if (letter["doc"] === undefined && errInfo === undefined) {
    return { what: "a dead letter", expected: "{ doc, errInfo: { reason } }" };
  }
  if (errInfo === undefined) return undefined;
  const reason = isPlainDocument(errInfo) ? errInfo["reason"] : undefined;
  if (typeof reason === "string") return undefined;
  if (isPlainDocument(reason) && typeof reason["$regex"] === "string" && isPattern(reason["$regex"])) return undefined;
  return { what: "`errInfo.reason`", expected: "a text or { $regex }" };
}

function isPattern(source: string): boolean {
  try {
    return new RegExp(source) instanceof RegExp;
  } catch {
    return false;
  }
}

type DocumentFile = { readonly path: string; readonly collection: CollectionName } | { readonly finding: Finding };

/** The files of a folder that name a collection, by name; those that start with a dot or `_` have a meaning of their own. */
async function documentFiles(dir: string, cwd: string, extension: RegExp): Promise<readonly DocumentFile[]> {
  if (!existsSync(dir)) return [];
  const names = (await readdir(dir)).filter((name) => !name.startsWith(".")).toSorted();
  return names.flatMap((name): DocumentFile[] => {
    const path = join(dir, name);
    const at = { place: { file: relative(cwd, path), line: 1, column: 1 } };
    const own = basename(dir) === "given" ? "_steps.yaml" : "_dlq.ndjson";
    if (name === own && basename(dir) !== "seed") return [];
    const collection = extension.test(name) ? fromNamespace(name.replace(extension, "")) : undefined;
    if (collection !== undefined && isTopic(collection) && basename(dir) === "seed")
      return [{ finding: notRunYet(at, { what: "a Kafka topic under seed/" }) }];
    if (collection !== undefined && !name.startsWith("_")) return [{ path, collection }];
    return [{ finding: unknownFile(at, { name, expected: "a file of documents named after a collection" }) }];
  });
}
