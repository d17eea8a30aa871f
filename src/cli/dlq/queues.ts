import type { Collection, Document, Filter, MongoClient } from "mongodb";
import type { Environment } from "../../config/environment.ts";
import type { RemoteClusters } from "../../deploy/clusters/open-remote-clusters.ts";
import { readLetter, type Letter } from "../../deploy/letters/letter.ts";
import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { decodeExact } from "../../engine/core/exact-bson.ts";
import { configName } from "../../engine/open-clusters.ts";
import type { Definition } from "../../stages/definition.ts";

/** Documented in docs/errors/ASP6100.md. */
export const noQueue = defineFinding<{ environment: string }>("ASP6100", {
  severity: "error",
  message: ({ environment }) => `no processor has a dead letter queue in environment \`${environment}\``,
  help: ({ environment }) => `add \`environments.${environment}.dlq\`, or \`options.dlq\` to a processor`,
});

/** A collection of dead letters. */
export interface Queue {
  /** `ops.dead_letters` */
  readonly name: string;
  readonly client: MongoClient;
  readonly collection: Collection<Document>;
}

/** A letter where it lies. */
export interface QueuedLetter {
  readonly queue: Queue;
  readonly letter: Letter;
}

/** Which letters a command is about; those that were redriven are left out unless asked for. */
export interface LetterFilter {
  readonly processor?: string | undefined;
  readonly reason?: RegExp | undefined;
  readonly since?: Date | undefined;
  readonly limit?: number | undefined;
}

/** The queues of the environment's processors, each once; what asp does not know the address of is a finding. */
export async function openQueues(
  definitions: readonly Definition[],
  environment: Environment,
  clusters: RemoteClusters,
): Promise<{ readonly queues: readonly Queue[]; readonly findings: readonly Finding[] }> {
  const targets = definitions.flatMap(({ options }) => (options?.dlq === undefined ? [] : [options.dlq]));
  if (targets.length === 0) return { queues: [], findings: [noQueue({}, { environment: environment.name })] };
  const queues = new Map<string, Queue>();
  const findings = new Map<string, Finding>();
  for (const { connectionName, db, coll } of targets) {
    const { client, finding } = await clusters.find(configName(environment, connectionName));
    if (finding !== undefined) findings.set(connectionName, finding);
    if (client === undefined) continue;
    const key = JSON.stringify([client.options.hosts.map(String), db, coll]);
    queues.set(key, { name: `${db}.${coll}`, client, collection: client.db(db).collection<Document>(coll) });
  }
  return { queues: [...queues.values()], findings: [...findings.values()] };
}

/** Letters that are understood, oldest first, and how many documents of the queues are none. */
export async function readLetters(
  queues: readonly Queue[],
  { processor, reason, since, limit = Number.POSITIVE_INFINITY }: LetterFilter,
): Promise<{ readonly letters: readonly QueuedLetter[]; readonly strange: number; readonly more: boolean }> {
  const query: Filter<Document> = {
    ...(processor !== undefined && { processorName: processor }),
    ...(since !== undefined && { dlqTime: { $gte: since } }),
    "_asp.redriven": { $exists: false },
  };
  const letters: QueuedLetter[] = [];
  let strange = 0;
  let more = false;
  for (const queue of queues) {
    for await (const bytes of queue.collection.find(query, { raw: true }).sort({ dlqTime: 1, _id: 1 })) {
      const letter = readLetter(decodeExact(bytes as unknown as Uint8Array));
      if (letter === undefined) strange += 1;
      else if (reason !== undefined && !reason.test(letter.reason)) continue;
      else if (letters.length >= limit) {
        more = true;
        break;
      } else letters.push({ queue, letter });
    }
  }
  return { letters, strange, more };
}
