import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serialize } from "bson";
import type { Document } from "bson";
import { execaNode } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { emitDefinitions } from "../../src/compiler/emit/emit-definitions.ts";
import type { Definition } from "../../src/stages/definition.ts";
import { startWorkspaceStub } from "../support/workspace-stub.ts";
import type { SeenCommand, WorkspaceStub } from "../support/workspace-stub.ts";
import { hostileDefinition, hostileName } from "./hostile-definition.ts";
import { mongosh } from "../support/mongosh.ts";

async function openWorkspace(): Promise<WorkspaceStub> {
  const workspace = await startWorkspaceStub();
  onTestFinished(() => workspace.close());
  return workspace;
}

/** Runs the compiled script in the real mongosh. */
async function run(workspace: WorkspaceStub, definitions: readonly Definition[], args: readonly string[] = []) {
  const folder = await mkdtemp(join(tmpdir(), "asp-mongosh-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const script = join(folder, "script.js");
  await writeFile(script, emitDefinitions(definitions, "mongosh"));
  return await execaNode(mongosh, ["--quiet", "--norc", workspace.uri, ...args, "--file", script], {
    env: { HOME: folder, MONGOSH_FORCE_DISABLE_TELEMETRY_FOR_TESTING: "1" },
    nodeOptions: [],
    reject: false,
  });
}

/** Whether a command has these fields first, byte for byte: types and order of keys included. */
function expectCommand(command: SeenCommand | undefined, fields: Document): void {
  const expected = serialize(fields).subarray(4, -1);
  expect(Buffer.from(command?.bytes.subarray(4, 4 + expected.length) ?? []).toString("hex")).toBe(
    Buffer.from(expected).toString("hex"),
  );
}

const plain: Definition = {
  name: "orders",
  pipeline: [{ $source: { connectionName: "a" } }, { $merge: { into: { connectionName: "b", db: "c", coll: "d" } } }],
};
const dlq = { connectionName: "domain", db: "ops", coll: "letters" };

test("creates a processor with every name, type and order as compiled", async () => {
  const workspace = await openWorkspace();
  const { exitCode, stderr, stdout } = await run(workspace, [hostileDefinition, plain]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const { name, pipeline, options } = hostileDefinition;
  expect(workspace.seen.map((command) => command.name)).toEqual(["createStreamProcessor", "createStreamProcessor"]);
  expectCommand(workspace.seen[0], { createStreamProcessor: name, pipeline, options });
  expectCommand(workspace.seen[1], { createStreamProcessor: "orders", pipeline: plain.pipeline, options: {} });
  expect(stdout).toContain('created "orders"; to start it: sp["orders"].start()');
});

test("stops a running processor, waits until it has, modifies and starts it", async () => {
  const workspace = await openWorkspace();
  workspace.add({ name: hostileName, state: "STARTED" });
  const { exitCode, stderr } = await run(workspace, [hostileDefinition]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const { name, pipeline, options } = hostileDefinition;
  const [stop, modify, start, ...more] = workspace.seen;
  expectCommand(stop, { stopStreamProcessor: name });
  expectCommand(modify, { modifyStreamProcessor: name, dlq: options?.dlq, pipeline });
  expectCommand(start, { startStreamProcessor: name });
  expect(more).toEqual([]);
  expect(workspace.processors.get(name)?.state).toBe("STARTED");
});

test.each(["CREATED", "STOPPED", "FAILED"])("modifies one that is %s and leaves it so", async (state) => {
  const workspace = await openWorkspace();
  workspace.add({ name: "orders", state });
  const { exitCode, stdout } = await run(workspace, [{ ...plain, options: { tier: "SP10" } }]);
  expect(exitCode).toBe(0);
  expect(workspace.seen.map((command) => command.name)).toEqual(["modifyStreamProcessor"]);
  expectCommand(workspace.seen[0], {
    modifyStreamProcessor: "orders",
    dlq: {},
    tier: "SP10",
    pipeline: plain.pipeline,
  });
  expect(stdout).toContain(`modified "orders", which stays ${state}`);
});

test("waits for one that is being stopped by somebody else, and does not start it", async () => {
  const workspace = await openWorkspace();
  workspace.add({ name: "orders", state: "STOPPING", next: { state: "STOPPED", listings: 2 } });
  expect((await run(workspace, [plain])).exitCode).toBe(0);
  expect(workspace.seen.map((command) => command.name)).toEqual(["modifyStreamProcessor"]);
});

test("a refused change is an error, and a processor that ran goes on as it was", async () => {
  const workspace = await openWorkspace();
  workspace.add({ name: "orders", state: "STARTED" });
  workspace.refused.add("orders");
  const { exitCode, stderr } = await run(workspace, [plain, { ...plain, name: "later" }]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("the checkpoint does not fit");
  expect(workspace.processors.get("orders")?.state).toBe("STARTED");
  expect(workspace.processors.has("later")).toBe(false);
});

test("gives up the checkpoint only when told to", async () => {
  const workspace = await openWorkspace();
  workspace.add({ name: "orders", state: "STOPPED" });
  await run(workspace, [{ ...plain, options: { dlq } }], ["--eval", "resumeFromCheckpoint = false"]);
  expectCommand(workspace.seen[0], {
    modifyStreamProcessor: "orders",
    dlq,
    resumeFromCheckpoint: false,
    pipeline: plain.pipeline,
  });
});

test.each(["process", "getProcessor", "constructor", "__proto__", "_private", "1", "then"])(
  "is not confused by a processor named %s",
  async (name) => {
    const workspace = await openWorkspace();
    workspace.add({ name, state: "STOPPED" });
    const { exitCode, stderr } = await run(workspace, [{ ...plain, name }]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(workspace.seen).toHaveLength(1);
    expectCommand(workspace.seen[0], { modifyStreamProcessor: name, dlq: {}, pipeline: plain.pipeline });
  },
);

test("says which options a processor keeps from its creation", async () => {
  const workspace = await openWorkspace();
  workspace.add({ name: "orders", state: "STOPPED" });
  const { stdout } = await run(workspace, [{ ...plain, options: { streamMetaFieldName: "_meta" } }]);
  expect(stdout).toContain('"orders" keeps what it was created with: streamMetaFieldName');
  expectCommand(workspace.seen[0], { modifyStreamProcessor: "orders", dlq: {}, pipeline: plain.pipeline });
});

test("two scripts run in one shell", async () => {
  const workspace = await openWorkspace();
  const folder = await mkdtemp(join(tmpdir(), "asp-mongosh-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const first = join(folder, "first.js");
  await writeFile(first, emitDefinitions([{ ...plain, name: "first" }], "mongosh"));
  expect((await run(workspace, [plain], ["--file", first])).exitCode).toBe(0);
  expect([...workspace.processors.keys()]).toEqual(["first", "orders"]);
});
