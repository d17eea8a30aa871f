import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { MongoClient, MongoServerError, type Db } from "mongodb";

export const replicaSet = "asp";

const patienceMs = 60_000;

/** Waits until a mongod answers, makes it a replica set of one, and waits until it takes writes. */
export async function initiate(options: {
  readonly port: number;
  /** Resolves when the process has ended. */
  readonly ended: Promise<string>;
  readonly keepsData: boolean;
  readonly signal: AbortSignal | undefined;
}): Promise<void> {
  const waiting = new AbortController();
  const late = sleep(patienceMs, undefined, { signal: waiting.signal, ref: false }).then(
    () => `it did not answer within ${patienceMs / 1000} seconds`,
  );
  const failed = Promise.race([options.ended, late]).then((reason) => {
    throw new Error(reason);
  });
  const signals = options.signal === undefined ? [waiting.signal] : [waiting.signal, options.signal];
  try {
    await Promise.race([becomePrimary(options, AbortSignal.any(signals)), failed]);
  } finally {
    waiting.abort();
    failed.catch(() => undefined);
    late.catch(() => undefined);
  }
}

async function becomePrimary(
  options: { readonly port: number; readonly keepsData: boolean },
  signal: AbortSignal,
): Promise<void> {
  // The driver would wait half a second between two looks at a server that refused it once.
  while (!(await answers(options.port))) await sleep(10, undefined, { signal });
  await using client = new MongoClient(`mongodb://127.0.0.1:${options.port}/`, { directConnection: true });
  const admin = client.db("admin");
  await configure(admin, options);
  while ((await admin.command({ hello: 1 }))["isWritablePrimary"] !== true) await sleep(10, undefined, { signal });
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function configure(admin: Db, options: { readonly port: number; readonly keepsData: boolean }): Promise<void> {
  const config = {
    _id: replicaSet,
    members: [{ _id: 0, host: `127.0.0.1:${options.port}` }],
    settings: { electionTimeoutMillis: 1000 },
    // Data that goes with the process need not wait for the journal before a change stream shows it.
    writeConcernMajorityJournalDefault: options.keepsData,
  };
  try {
    await admin.command({ replSetInitiate: config });
  } catch (error) {
    const alreadyInitialized = 23;
    if (!(error instanceof MongoServerError) || error.code !== alreadyInitialized) throw error;
    // Data of an earlier run: the port it was told then is not the one it has now.
    await admin.command({ replSetReconfig: { ...config, version: Date.now() % 2_000_000_000 }, force: true });
  }
}
