import { onTestFinished } from "vitest";
import type { Environment } from "../../../src/config/environment.ts";
import { openProject, type ProjectOptions } from "../../../src/emulator/project/project.ts";
import type { Project } from "../../../src/emulator/project-types.ts";
import type { TestDatabase } from "../../support/mongod.ts";

/** A config that says nothing of connections. */
export const environment: Environment = {
  name: "local",
  target: "emulator",
  databases: {},
  connections: {},
  collections: [],
  checkpoints: { db: "asp" },
};

/** A project on the test mongod, in a database of the test's own; closed when the test ends, with all that it kept. */
export async function openTestProject(mongod: TestDatabase, options: Partial<ProjectOptions> = {}): Promise<Project> {
  const project = await openProject({
    clusters: new Map([["Cluster0", { name: "Cluster0", client: mongod.client }]]),
    db: mongod.freshDb(),
    environment,
    env: {},
    captureDir: "",
    checkpointIntervalMs: 20,
    ...options,
  });
  onTestFinished(async () => {
    await project.close();
    const left = project.tenants().map(({ record }) => mongod.client.db(`asp_${record.id}`).dropDatabase());
    await Promise.all(left);
  });
  return project;
}
