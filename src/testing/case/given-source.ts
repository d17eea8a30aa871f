import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { relative } from "node:path";
import { ObjectId } from "bson";
import type { Finding } from "../../diagnostics/finding.ts";
import { isPlainDocument } from "../compare/compare-values.ts";
import { brokenModule } from "./findings.ts";
import { FixtureError } from "./fixture-error.ts";
import type { CollectionName, GivenDocument, GivenSource } from "./given.ts";
import { isTopic, toNamespace } from "./given.ts";
import { loadDocumentsModule } from "./load-documents-module.ts";
import { checkMessage } from "./message.ts";
import { readDocuments } from "./read-documents.ts";

/** Files up to this size are read before anything runs, so that all their bad lines are reported at once. */
const readAheadBytes = 4 * 1024 * 1024;

/** Opens a file of documents to insert, or of messages, whatever its form; findings are the places that cannot be read. */
export async function toGivenSource(
  cwd: string,
  path: string,
  collection: CollectionName,
): Promise<{ readonly source?: GivenSource; readonly findings: readonly Finding[] }> {
  const file = relative(cwd, path);
  const withIds = (open: () => AsyncIterable<GivenDocument>): GivenSource => ({
    ...collection,
    file,
    open: isTopic(collection) ? open : () => addIds(open(), toNamespace(collection), file),
  });
  if (/\.[cm]?[jt]s$/.test(path)) {
    try {
      const open = await loadDocumentsModule(path);
      return { source: withIds(() => fromModule(open(), file)), findings: [] };
    } catch (error) {
      return { findings: [brokenModuleAt(file, error)] };
    }
  }
  const read = (): AsyncIterable<GivenDocument> => documentsOf(cwd, path);
  if ((await stat(path)).size > readAheadBytes) return { source: withIds(read), findings: [] };
  const findings: Finding[] = [];
  for await (const one of readDocuments({ cwd, path, reading: "stored" })) {
    if ("finding" in one) findings.push(one.finding);
    else if (isTopic(collection)) {
      findings.push(...checkMessage(one.document, { place: { file, line: one.line ?? 1, column: 1 } }));
    }
  }
  return findings.length > 0 ? { findings } : { source: withIds(read), findings };
}

async function* documentsOf(cwd: string, path: string): AsyncGenerator<GivenDocument> {
  for await (const one of readDocuments({ cwd, path, reading: "stored" })) {
    if ("finding" in one) throw new FixtureError(one.finding);
    yield one;
  }
}

async function* fromModule(documents: AsyncIterable<unknown>, file: string): AsyncGenerator<GivenDocument> {
  let index = 0;
  try {
    for await (const document of documents) {
      index += 1;
      if (!isPlainDocument(document)) throw new Error(`its item ${index} is not a document`);
      yield { document };
    }
  } catch (error) {
    throw error instanceof FixtureError ? error : new FixtureError(brokenModuleAt(file, error));
  }
}

function brokenModuleAt(file: string, error: unknown): Finding {
  const reason = error instanceof Error ? error.message : String(error);
  return brokenModule({ place: { file, line: 1, column: 1 } }, { reason });
}

/** A document without `_id` gets one that is the same in every trial and every run, as its read models may carry it. */
async function* addIds(
  documents: AsyncIterable<GivenDocument>,
  namespace: string,
  file: string,
): AsyncGenerator<GivenDocument> {
  let index = 0;
  for await (const given of documents) {
    index += 1;
    if (given.document["_id"] !== undefined) yield given;
    else {
      const { _id, ...rest } = given.document;
      yield { ...given, document: { _id: stableId(`${namespace}\n${file}\n${index}`), ...rest } };
    }
  }
}

function stableId(seed: string): ObjectId {
  return new ObjectId(createHash("sha256").update(seed).digest("hex").slice(0, 24));
}
