import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { MongoClient, type Db } from "mongodb";
import { expect, onTestFinished, test } from "vitest";
import { makeFolder } from "../cli/run-cli.ts";
import { spawnCli } from "../cli/spawn-cli.ts";

/** Of the soak; memory is compared after the first fifth, when everything has been used once. */
const minutes = Number(process.env["ASP_SOAK_MINUTES"] ?? 10);
const processors = 20;

async function connect(uri: string): Promise<MongoClient> {
  const client = await new MongoClient(uri).connect();
  onTestFinished(() => client.close());
  return client;
}

/** Resident memory in MB: what the machine has to find. */
async function residentMB(pid: number): Promise<number> {
  const [, kB = ""] = /^VmRSS:\s+(\d+) kB$/mu.exec(await readFile(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kB) / 1024;
}

test(`an emulator at work for ${minutes} minutes does not grow`, { timeout: (minutes + 2) * 60_000 }, async () => {
  const cli = await spawnCli(["emulator", "--json"], { cwd: await makeFolder({}) });
  const [line = ""] = await cli.stdoutLines(1);
  const { wire, clusterUri } = JSON.parse(line) as { readonly wire: string; readonly clusterUri: string };
  const admin = (await connect(wire)).db("admin");
  const shop = (await connect(clusterUri)).db("shop");
  for (let index = 0; index < processors; index += 1) await createProcessor(admin, index);

  const endsAt = Date.now() + minutes * 60_000;
  const measured: number[] = [];
  const writing = writeEvents(shop, endsAt);
  for (let round = 0; Date.now() < endsAt; round += 1) {
    await lookAround(wire, admin, round);
    await sleep(100);
    if (Date.now() < endsAt - (minutes * 60_000 * (99 - measured.length)) / 100) continue;
    measured.push(await residentMB(cli.pid));
  }
  await writing;
  const fifth = Math.floor(measured.length / 5);
  const [early, late] = [measured.slice(fifth, 2 * fifth), measured.slice(-fifth)].map(median);
  process.stderr.write(`soak: ${early} MB after a fifth, ${late} MB at the end\n`);
  expect((late ?? Infinity) / (early ?? 0)).toBeLessThan(1.25);
  const { streamProcessors } = await admin.command({ listStreamProcessors: 1 });
  expect(new Set(streamProcessors.map(({ state }: { readonly state: string }) => state))).toEqual(new Set(["STARTED"]));
});

async function writeEvents(shop: Db, endsAt: number): Promise<void> {
  for (let round = 0; Date.now() < endsAt; round += 1) {
    await shop.collection("events").insertMany(Array.from({ length: 50 }, (_, n) => ({ n, key: n % 10 })));
    await sleep(100);
    if (round % 200 === 199) await shop.collection("events").deleteMany({});
  }
}

/** Every other one counts in windows. */
async function createProcessor(admin: Db, index: number): Promise<void> {
  const name = `p${index}`;
  const pipeline = [{ $group: { _id: "$key", n: { $sum: 1 } } }];
  const window = {
    $tumblingWindow: { interval: { size: 1, unit: "second" }, allowedLateness: { size: 1, unit: "second" }, pipeline },
  };
  await admin.command({
    createStreamProcessor: name,
    pipeline: [
      { $source: { connectionName: "Cluster0", db: "shop", coll: "events", config: { fullDocumentOnly: true } } },
      ...(index % 2 === 0 ? [window] : [{ $set: { _id: "$key" } }]),
      { $merge: { into: { connectionName: "Cluster0", db: "shop", coll: `out${index}` } } },
    ],
  });
  await admin.command({ startStreamProcessor: name });
}

/** What clients do all day: come and go, ask, take samples, stop and start. */
async function lookAround(wire: string, admin: Db, round: number): Promise<void> {
  const name = `p${round % processors}`;
  await admin.command({ listStreamProcessors: 1 });
  await admin.command({ getStreamProcessorStats: name, verbose: true });
  if (round % 10 === 0) await takeSample(admin, name);
  if (round % 20 !== 0) return;
  const client = await new MongoClient(wire).connect();
  await client.db("admin").command({ ping: 1 });
  await client.close();
  await admin.command({ stopStreamProcessor: name });
  await admin.command({ startStreamProcessor: name });
}

/** To its end: no command closes a sample, and so many that nobody takes from are refused. */
async function takeSample(admin: Db, name: string): Promise<void> {
  let { cursorId } = await admin.command({ startSampleStreamProcessor: name, limit: 5 });
  while (Number(cursorId) !== 0) {
    ({ cursorId } = await admin.command({ getMoreSampleStreamProcessor: name, cursorId }));
    await sleep(50);
  }
}

function median(values: readonly number[]): number {
  return Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0);
}
