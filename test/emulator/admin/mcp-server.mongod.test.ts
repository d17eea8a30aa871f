import type { Document } from "bson";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { AdminLogEntry } from "../../../src/emulator/admin/admin-server-types.ts";
import { startAdminServer } from "../../../src/emulator/admin/start-admin-server.ts";
import type { Fault } from "../../../src/emulator/admin/faults/fault.ts";
import { createCertificates } from "../../../src/emulator/tls.ts";
import { freshName } from "../../engine/support.ts";
import { connectMongod, type TestDatabase } from "../../support/mongod.ts";
import { idsIn, insert } from "../workspace/support.ts";
import { startMcpClient, type McpAnswer, type McpClient } from "./mcp-client.ts";
import { openTestProject } from "../project/support.ts";
import { accountOf, credentials } from "./support.ts";

let mongod: TestDatabase;
beforeAll(async () => {
  mongod = await connectMongod();
});
afterAll(() => mongod.close());

async function open(faults: readonly Fault[] = []) {
  const project = await openTestProject(mongod, { retryPausesMs: [] });
  const { ca, cert, key } = await createCertificates();
  const log: AdminLogEntry[] = [];
  const server = await startAdminServer({
    project,
    credentials,
    port: 0,
    faults,
    tls: { cert, key },
    log: (entry) => log.push(entry),
  });
  onTestFinished(() => server.close());
  const client = await startMcpClient(`https://127.0.0.1:${server.port}/`, ca, accountOf("admin"));
  return { project, client, log, tls: { cert, key }, server, ...tools(client, project.id) };
}

/** Its four tools for streams, by what they do. */
function tools(client: McpClient, projectId: string) {
  const call = (tool: string) => (action: Document) => client.call(`atlas-streams-${tool}`, { projectId, ...action });
  return { discover: call("discover"), build: call("build"), manage: call("manage"), teardown: call("teardown") };
}

const good = ({ isError, text }: McpAnswer): string => {
  expect(isError, text).toBe(false);
  expect(text).not.toContain("Output validation error");
  return text;
};

test("a client that is not ours takes a workspace, its connections and a processor through their lives", async () => {
  const { project, client, log, discover, build, manage, teardown } = await open();
  const [from, to, dead] = [freshName(), freshName(), freshName()];
  const workspaceName = "w";

  good(
    await build({ resource: "workspace", workspaceName, cloudProvider: "AWS", region: "VIRGINIA_USA", tier: "SP10" }),
  );
  expect(project.find("w")?.connections.list()).toMatchObject([{ name: "sample_stream_solar" }]);
  expect(good(await discover({ action: "list-workspaces" }))).toContain('"w"');
  good(
    await build({
      resource: "connection",
      workspaceName,
      connectionName: "c",
      connectionType: "Cluster",
      connectionConfig: { clusterName: "Cluster0" },
    }),
  );
  expect(good(await discover({ action: "inspect-workspace", workspaceName }))).toContain("sample_stream_solar");
  expect(good(await discover({ action: "list-connections", workspaceName }))).toContain("READY");

  const pipeline = [
    {
      $source: {
        connectionName: "c",
        db: mongod.db,
        coll: from,
        config: { fullDocumentOnly: true, fullDocument: "required" },
      },
    },
    { $set: { half: { $divide: [1, "$a"] } } },
    { $merge: { into: { connectionName: "c", db: mongod.db, coll: to } } },
  ];
  const dlq = { connectionName: "c", db: mongod.db, coll: dead };
  good(await build({ resource: "processor", workspaceName, processorName: "p", pipeline, dlq, autoStart: true }));
  expect(project.find("w")?.workspace.get("p")).toMatchObject({ state: "STARTED" });
  await insert(mongod, mongod.db, from, [
    { _id: 1, a: 1 },
    { _id: 2, a: 0 },
  ]);
  await project.find("w")?.workspace.caughtUp();
  expect(await idsIn(mongod, mongod.db, to)).toEqual([1]);
  const inspected = await discover({ action: "inspect-processor", workspaceName, resourceName: "p" });
  expect(good(inspected)).toContain("STARTED");
  expect(good(await discover({ action: "diagnose-processor", workspaceName, resourceName: "p" }))).toContain("STARTED");

  good(await manage({ action: "stop-processor", workspaceName, resourceName: "p" }));
  expect(project.find("w")?.workspace.get("p")).toMatchObject({ state: "STOPPED" });
  const [source, , sink] = pipeline;
  good(
    await manage({
      action: "modify-processor",
      workspaceName,
      resourceName: "p",
      pipeline: [source, { $set: { b: 1, 0: 2 } }, sink],
      newName: "q",
    }),
  );
  good(await manage({ action: "start-processor", workspaceName, resourceName: "q", tier: "SP5" }));
  expect(project.find("w")?.workspace.get("q")).toMatchObject({ state: "STARTED", tier: "SP5" });
  expect(good(await discover({ action: "list-processors", workspaceName }))).toContain('"q"');
  good(await manage({ action: "update-workspace", workspaceName, newTier: "SP30" }));
  expect(project.find("w")?.record.tier).toBe("SP30");

  good(await teardown({ resource: "processor", workspaceName, resourceName: "q" }));
  good(await teardown({ resource: "connection", workspaceName, resourceName: "c" }));
  good(await teardown({ resource: "workspace", workspaceName }));
  expect(project.tenants()).toEqual([]);

  await client.close();
  await expect
    .poll(() => log.some(({ target, status }) => target === "/api/oauth/revoke" && status === 200))
    .toBe(true);
  expect(log.filter(({ status }) => status >= 400)).toEqual([]);
  expect(JSON.stringify(log)).not.toContain(accountOf("admin").clientSecret);
});

test("it sees refusals with their reasons, in the words that it gives hints for", async () => {
  const { project, client, build, discover, manage } = await open([
    { operation: "stopGroupStreamProcessor", status: 504, body: "html", applied: true },
  ]);
  await project.create({ name: "w", dataProcessRegion: { cloudProvider: "AWS", region: "VIRGINIA_USA" } });
  const workspaceName = "w";
  const bad = async (answer: Promise<McpAnswer>): Promise<string> => {
    const { isError, text } = await answer;
    expect(isError).toBe(true);
    return text;
  };
  const workspace = {
    resource: "workspace",
    workspaceName,
    cloudProvider: "AWS",
    region: "VIRGINIA_USA",
    tier: "SP10",
  };
  expect(await bad(build(workspace))).toMatch(/conflict|already exists/i);
  expect(await bad(discover({ action: "inspect-processor", workspaceName, resourceName: "none" }))).toMatch(
    /not found/i,
  );
  await project.find("w")?.connections.create("c", { type: "Cluster", clusterName: "Cluster0" });
  const source = { connectionName: "c", db: mongod.db, coll: freshName() };
  const sink = { $merge: { into: { connectionName: "c", db: mongod.db, coll: freshName() } } };
  const processor = { resource: "processor", workspaceName, processorName: "p" };
  const wrong = [{ $source: { ...source, colour: 1 } }, sink];
  expect(await bad(build({ ...processor, pipeline: wrong }))).toContain("IDLUnknownField");
  good(await build({ ...processor, pipeline: [{ $source: source }, sink], autoStart: true }));
  // A gateway gives up, and the processor stops all the same.
  expect(await bad(manage({ action: "stop-processor", workspaceName, resourceName: "p" }))).toContain("504");
  expect(project.find("w")?.workspace.get("p")).toMatchObject({ state: "STOPPED" });
  expect(good(await client.call("atlas-list-clusters", { projectId: project.id }))).toContain("Cluster0");
  expect(good(await client.call("atlas-list-projects", {}))).toContain(project.id);
  expect(good(await client.call("atlas-list-orgs", {}))).toContain("emulator");
});

test("its token is good after a restart of the emulator", async () => {
  const { project, log, tls, server, discover } = await open();
  good(await discover({ action: "list-workspaces" }));
  await server.close();
  const again = await startAdminServer({
    project,
    credentials,
    port: server.port,
    tls,
    log: (entry) => log.push(entry),
  });
  onTestFinished(() => again.close());
  good(await discover({ action: "list-workspaces" }));
  expect(log.filter(({ target }) => target === "/api/oauth/token")).toHaveLength(1);
});
