import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { MongoClient, MongoServerError } from "mongodb";
import { findMongod } from "../../src/mongod/find-mongod.ts";
import { freePort } from "../../src/mongod/free-port.ts";
import { startSupervised, type Supervised } from "../../src/mongod/supervise.ts";

export interface ReplicaSet extends AsyncDisposable {
  readonly uri: string;
  /** "127.0.0.1:27017", the first of which is the primary. */
  readonly hosts: readonly string[];
}

export interface ReplicaSetOptions {
  /** Default 1; each further one is a secondary that never stands for election, with the tag `{ n: "1" }` and so on. */
  readonly members?: number;
  /** Small, it forgets what was written before the last checkpoint of the storage, which is then made each second. */
  readonly oplogMB?: number;
  /** Takes `configureFailPoint`. */
  readonly failPoints?: boolean;
  /** As in `ttlMonitorSleepSecs=1`. */
  readonly parameters?: readonly string[];
}

/** A replica set other than the one that tests share. */
export async function startReplicaSet({
  members = 1,
  oplogMB,
  failPoints,
  parameters: more = [],
}: ReplicaSetOptions): Promise<ReplicaSet> {
  const binary = await findMongod({ env: process.env });
  const started: Supervised[] = [];
  const end = async (): Promise<void> => {
    await Promise.all(started.map((each) => each.end()));
  };
  const hosts: string[] = [];
  try {
    for (let member = 0; member < members; member += 1) {
      const port = await freePort();
      const parameters = [
        "writePeriodicNoops=true",
        "periodicNoopIntervalSecs=1",
        "diagnosticDataCollectionEnabled=false",
        ...(failPoints === true ? ["enableTestCommands=1"] : []),
        ...more,
      ];
      const args = [
        ...["--port", String(port), "--bind_ip", "127.0.0.1", "--replSet", "rs", "--nounixsocket", "--quiet"],
        ...["--wiredTigerCacheSizeGB", "0.25"],
        ...(oplogMB === undefined ? [] : ["--oplogSize", String(oplogMB), "--syncdelay", "1"]),
        ...parameters.flatMap((each) => ["--setParameter", each]),
      ];
      started.push(await startSupervised({ binary: binary.path, args, env: process.env, data: { parent: tmpdir() } }));
      hosts.push(`127.0.0.1:${port}`);
    }
    await initiate(hosts);
  } catch (error) {
    await end();
    throw error;
  }
  return { uri: `mongodb://${hosts.join(",")}/?replicaSet=rs`, hosts, [Symbol.asyncDispose]: end };
}

async function initiate(hosts: readonly string[]): Promise<void> {
  await using client = new MongoClient(`mongodb://${hosts[0] ?? ""}/`, { directConnection: true });
  const admin = client.db("admin");
  const members = hosts.map((host, n) => ({
    _id: n,
    host,
    ...(n === 0 ? {} : { priority: 0, tags: { n: String(n) } }),
  }));
  const config = { _id: "rs", members, writeConcernMajorityJournalDefault: false };
  for (let attempt = 1; ; attempt += 1) {
    try {
      await admin.command({ replSetInitiate: config });
      break;
    } catch (error) {
      // A busy machine: a member that answers us may not have answered the first one in time.
      if (!(error instanceof MongoServerError) || error.codeName !== "NodeNotFound" || attempt === 20) throw error;
      await sleep(250);
    }
  }
  const areReady = async (): Promise<boolean> => {
    const { members: states } = await admin.command({ replSetGetStatus: 1 });
    return (states as readonly { readonly stateStr: string }[]).every(
      ({ stateStr }, n) => stateStr === (n === 0 ? "PRIMARY" : "SECONDARY"),
    );
  };
  while (!(await areReady())) await sleep(50);
}
