import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Document } from "mongodb";
import { toEjson } from "../../compiler/emit/json.ts";
import { authoredNamespace } from "../../config/place-namespace.ts";
import type { Environment } from "../../config/environment.ts";
import { withoutSuffix } from "../../deploy/plan/preview-names.ts";
import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { decodeExact } from "../../engine/core/exact-bson.ts";
import { configName } from "../../engine/open-clusters.ts";
import type { Definition } from "../../stages/definition.ts";
import type { QueuedLetter } from "./queues.ts";
import type { RemoteClusters } from "../../deploy/clusters/open-remote-clusters.ts";

/** Documented in docs/errors/ASP6101.md. */
export const caseExists = defineFinding<{ folder: string }>("ASP6101", {
  severity: "error",
  message: ({ folder }) => `\`${folder}\` is there already`,
  help: "give another name for the case",
});

export interface ExportOptions {
  readonly cwd: string;
  readonly environment: Environment;
  readonly definitions: readonly Definition[];
  readonly clusters: RemoteClusters;
  /** Of a preview: a case has the names of the project. */
  readonly suffix?: string | undefined;
}

export interface ExportedCase {
  readonly files: readonly string[];
  /** Letters that are in the case. */
  readonly letters: number;
  /** Letters whose event is not stored where asp can read it. */
  readonly without: number;
  readonly findings: readonly Finding[];
}

/** A fixture case from letters: the events that failed, each once, are given; the letters are what is expected until the fix. */
export async function exportCase(
  name: string,
  letters: readonly QueuedLetter[],
  { cwd, environment, definitions, clusters, suffix }: ExportOptions,
): Promise<ExportedCase> {
  const folder = `test/fixtures/${name}`;
  if (existsSync(join(cwd, folder))) {
    return { files: [], letters: 0, without: 0, findings: [caseExists({}, { folder })] };
  }
  const given = new Map<string, Map<string, string>>();
  const expected: string[] = [];
  const processors = new Set<string>();
  for (const { letter } of letters) {
    const event = await readEvent(letter, { definitions, environment, clusters });
    if (event === undefined || letter.event === undefined) continue;
    const authored = authoredNamespace(letter.event.db, letter.event.coll, environment);
    const file = `${authored.db}.${authored.coll.replaceAll("/", "%2F")}.ndjson`;
    const lines = given.get(file) ?? new Map<string, string>();
    given.set(file, lines.set(toEjson(letter.event.id), toEjson(event)));
    expected.push(toEjson({ doc: letter.doc, errInfo: { reason: letter.reason } }));
    processors.add(withoutSuffix(letter.processor, suffix) ?? letter.processor);
  }
  const texts = [
    ...[...given].map(([file, lines]) => [`${folder}/given/${file}`, [...lines.values()]] as const),
    [`${folder}/then/_dlq.ndjson`, expected] as const,
    [`${folder}/fixture.yaml`, [`processors: ${JSON.stringify([...processors])}`]] as const,
  ];
  if (expected.length === 0) return { files: [], letters: 0, without: letters.length, findings: [] };
  for (const [file, lines] of texts) {
    await mkdir(dirname(join(cwd, file)), { recursive: true });
    await writeFile(join(cwd, file), lines.map((line) => `${line}\n`).join(""), { flag: "wx" });
  }
  const files = texts.map(([file]) => file);
  return { files, letters: expected.length, without: letters.length - expected.length, findings: [] };
}

async function readEvent(
  { event, processor }: QueuedLetter["letter"],
  { definitions, environment, clusters }: Omit<ExportOptions, "cwd">,
) {
  const definition = definitions.find(({ name }) => name === processor);
  const connection: unknown = (definition?.pipeline[0]?.["$source"] as Document | undefined)?.["connectionName"];
  if (event === undefined || typeof connection !== "string") return undefined;
  const { client } = await clusters.find(configName(environment, connection));
  const query = { _id: { $eq: event.id } } as Document;
  const found = client?.db(event.db).collection<Document>(event.coll).find(query, { raw: true });
  const [bytes] = (await found?.toArray()) ?? [];
  return bytes === undefined ? undefined : decodeExact(bytes as unknown as Uint8Array);
}
