import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** Writes files into a folder that goes with the test, and returns the folder. */
export async function temporaryProject(files: Readonly<Record<string, string>>): Promise<string> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), "asp-test-")));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text);
  }
  return dir;
}

/** A config with an event store and a dead letter queue. */
export const config = `
events: { connectionName: events, db: shop, coll: events }
connections: { events: { type: Cluster }, domain: { type: Cluster } }
environments:
  local: { target: emulator, dlq: { connectionName: domain, db: ops, coll: dead_letters } }
  renamed: { target: emulator, databases: { shop: shop_prod }, dlq: { connectionName: domain, db: ops, coll: dead_letters } }
`;

/** Keeps the events above a limit: the same however often they come. */
export const largePayments = `
import { defineProcessor } from "asp-toolkit";
export default defineProcessor({
  name: "large-payments",
  pipeline: [
    { $source: { connectionName: "events", db: "shop", coll: "events", config: { fullDocumentOnly: true } } },
    { $match: { amount: { $gte: 100 } } },
    { $addFields: { half: { $divide: ["$amount", 2] } } },
    { $merge: { into: { connectionName: "domain", db: "shop", coll: "large" }, whenMatched: "replace" } },
  ],
});
`;

/** Counts events per customer without a guard: doubles when documents come twice. */
export const doubling = `
import { defineProcessor } from "asp-toolkit";
export default defineProcessor({
  name: "totals",
  pipeline: [
    { $source: { connectionName: "events", db: "shop", coll: "events", config: { fullDocumentOnly: true } } },
    { $project: { _id: "$customer", amount: 1 } },
    { $merge: {
      into: { connectionName: "domain", db: "shop", coll: "totals" },
      whenMatched: [{ $set: { amount: { $add: ["$amount", "$$new.amount"] } } }],
    } },
  ],
});
`;

export const payments = [
  '{"_id":1,"customer":"a","amount":50}',
  '{"_id":2,"customer":"a","amount":100}',
  '{"_id":3,"customer":"b","amount":301}',
]
  .join("\n")
  .concat("\n");
