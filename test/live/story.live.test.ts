import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Document } from "bson";
import { MongoClient } from "mongodb";
import { expect, onTestFinished, test } from "vitest";
import { makeFolder } from "../cli/run-cli.ts";
import { spawnCli } from "../cli/spawn-cli.ts";

/** Each of them has to be set; the last two are for a workspace that is not Atlas's own, such as `asp emulator`. */
const needed = ["PROJECT_ID", "WORKSPACE", "CLIENT_ID", "CLIENT_SECRET", "CLUSTER_NAME", "CLUSTER_URI"] as const;
const optional = ["URL", "CA"] as const;

const variable = (name: string): string => process.env[`ASP_LIVE_${name}`] ?? "";
const isLive = needed.every((name) => variable(name) !== "");

/** Of this run alone: nothing that is there is touched, and nothing is left. */
const run = randomBytes(4).toString("hex");
const db = `asp_live_${run}`;
const name = `asp_live_orders_${run}`;

const config = `events: { connectionName: events, db: ${db}, coll: events }
connections:
  events: { type: Cluster }
  domain: { type: Cluster }
environments:
  local: { target: emulator }
  live:
    target: admin-api
    projectId: \${ASP_LIVE_PROJECT_ID}
    workspace: \${ASP_LIVE_WORKSPACE}
    auth: { type: service-account, clientId: "\${ASP_LIVE_CLIENT_ID}", clientSecret: "\${ASP_LIVE_CLIENT_SECRET}" }
    tier: SP10
    dlq: { connectionName: domain, db: ${db}, coll: dead_letters }
    record: { connectionName: domain, db: ${db} }
    checkpoints: { connectionName: domain, db: ${db} }
    connections:
      events: { name: asp_live_events_${run}, clusterName: "\${ASP_LIVE_CLUSTER_NAME}", uri: "\${ASP_LIVE_CLUSTER_URI}", manage: true }
      domain: { name: asp_live_domain_${run}, clusterName: "\${ASP_LIVE_CLUSTER_NAME}", uri: "\${ASP_LIVE_CLUSTER_URI}", manage: true }
${variable("URL") === "" ? "" : "    baseUrl: ${ASP_LIVE_URL}\n"}${variable("CA") === "" ? "" : "    caFile: ${ASP_LIVE_CA}\n"}`;

const projection = ({ currency = "", quantity = "data.quantity", source = "events" } = {}): string => `
import { defineProjection } from "asp-toolkit";

type OrderEvent =
  | { type: "OrderPlaced"; data: { customerId: string } }
  | { type: "ItemAdded"; data: { quantity: number; price: number } };

export default defineProjection<{ customerId?: string; currency?: string; total: number }, OrderEvent>({
  name: "${name}",
  source: { connectionName: "events", db: "${db}", coll: "${source}" },
  into: { connectionName: "domain", db: "${db}", coll: "orders" },
  initial: { total: 0${currency} },
  on: {
    OrderPlaced: ({ data }) => ({ customerId: data.customerId }),
    ItemAdded: ({ data }, view) => ({ total: { $add: [view.total, { $multiply: [${quantity}, data.price] }] } }),
  },
});
`;

test.skipIf(!isLive)("the story of docs/guide.md on a real workspace", { timeout: 1_200_000 }, async () => {
  const client = await new MongoClient(variable("CLUSTER_URI")).connect();
  const cwd = await makeFolder({ "atlas.config.yaml": config, [`pipelines/${name}.ts`]: projection() });
  const env = Object.fromEntries([...needed, ...optional].map((each) => [`ASP_LIVE_${each}`, variable(each)]));
  const asp = async (argv: readonly string[], exit = 0): Promise<string> => {
    const { code, stdout, stderr } = await (await spawnCli([...argv, "-e", "live"], { cwd, env })).result;
    expect(code, `asp ${argv.join(" ")}\n${stdout}\n${stderr}`).toBe(exit);
    return `${stdout}\n${stderr}`;
  };
  const write = (text: string): Promise<void> => writeFile(join(cwd, `pipelines/${name}.ts`), text);
  const deploy = (): Promise<string> => asp(["deploy", "--yes"]);
  const insert = (version: number, type: string, data: Document): Promise<unknown> =>
    client.db(db).collection("events").insertOne({ streamId: "one", version, type, occurredAt: new Date(), data });
  const order = () =>
    client
      .db(db)
      .collection<Document>("orders")
      .findOne({}, { projection: { _asp: 0, _id: 0 } });
  const becomes = async (expected: Document): Promise<void> => {
    await expect.poll(order, { timeout: 120_000, interval: 1000 }).toEqual(expected);
  };
  onTestFinished(async () => {
    await (
      await spawnCli(["destroy", "--yes", "-e", "live"], { cwd, env })
    ).result;
    await client.db(db).dropDatabase();
    await client.close();
  }, 300_000);

  await client.db(db).createCollection("events");
  await client.db(db).collection("events").createIndex({ streamId: 1, version: 1 }, { unique: true });
  expect(await asp(["plan", "--detailed-exitcode"], 2)).toContain(`${name} is created and started`);
  await deploy();
  await insert(1, "OrderPlaced", { customerId: "ada" });
  await insert(2, "ItemAdded", { quantity: 2, price: 5 });
  await becomes({ total: 10, customerId: "ada" });

  await write(projection({ currency: ', currency: "EUR"' }));
  expect(await asp(["plan"])).toContain("keeps its checkpoint");
  await deploy();
  await write(projection({ currency: ', currency: "EUR"', source: "others" }));
  expect(await asp(["deploy", "--yes"], 1)).toContain("ASP6043");
  await write(projection({ currency: ', currency: "EUR"' }));

  await asp(["rebuild", name, "--yes"]);
  await becomes({ total: 10, customerId: "ada", currency: "EUR" });
  await asp(["rebuild", name, "--rollback"]);
  await becomes({ total: 10, customerId: "ada" });
  await asp(["rebuild", name, "--swap", "--yes"]);
  await asp(["rebuild", name, "--drop-old", "--yes"]);
  expect(await asp(["plan"])).toContain("No changes");

  await insert(3, "ItemAdded", { quantity: "3", price: 5 });
  await expect
    .poll(() => client.db(db).collection("dead_letters").countDocuments(), { timeout: 120_000, interval: 1000 })
    .toBe(1);
  await write(projection({ currency: ', currency: "EUR"', quantity: "{ $toInt: data.quantity }" }));
  await deploy();
  expect(await asp(["dlq", "redrive", "--processor", name, "--yes"])).toContain("1 letter: applied");
  await becomes({ total: 25, customerId: "ada", currency: "EUR" });

  await asp(["destroy", "--yes"]);
  expect(await asp(["status"])).toContain(`of the project, not in the workspace: ${name}`);
});
