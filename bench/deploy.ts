import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator } from "../src/emulator/start-emulator.ts";
import type { RunningEmulator } from "../src/emulator/emulator-types.ts";
import { toRow } from "./harness/benchmark.ts";
import type { Benchmark } from "./harness/benchmark.ts";
import { median } from "./harness/interleave.ts";
import { root, timeNode } from "./harness/time-process.ts";

const planned = 200;
const deployed = 50;
/**
 * A plan of 200 processors, the whole command, against two seconds; and a deployment of 50 that do not depend on each other, against one after the
 * other: fifty times what the deployment of one takes, the ten seconds in which each is watched included.
 */
export const deploy: Benchmark = {
  name: "deploy",
  run: async (tell) => {
    await using emulator = await startEmulator({ env: process.env });
    const project = await makeProject(emulator, planned);
    try {
      const asp = (...argv: readonly string[]): Promise<number> =>
        timeNode([join(root, "dist/cli/main.js"), ...argv, "-e", "local"], {
          cwd: project,
          env: { ...envOf(emulator), XDG_CACHE_HOME: join(project, ".cache") },
        });
      const names = Array.from({ length: deployed }, (_, index) => nameOf(index));
      const one = await asp("deploy", "--yes", "--only", nameOf(deployed));
      const all = await asp("deploy", "--yes", "--only", names.join(","));
      tell(`one deployed in ${(one / 1000).toFixed(1)} s, ${deployed} in ${(all / 1000).toFixed(1)} s`);
      await asp("deploy", "--yes", "--no-start");
      const times: number[] = [];
      for (let round = 0; round < 5; round += 1) times.push(await asp("plan"));
      tell(`plan of ${planned}: ${times.map((ms) => `${ms.toFixed(0)} ms`).join(", ")}`);
      const { workspace } = emulator.project.find(emulator.workspace) ?? {};
      const running = workspace?.list().filter(({ state }) => state === "STARTED").length;
      if (running !== deployed + 1) throw new Error(`${running} of ${deployed + 1} processors run`);
      return [
        toRow({ benchmark: "plan 200", against: "2 s", target: 1, theirs: 2000, unit: "ms", ours: median(times) }),
        toRow({
          ...{ benchmark: "deploy 50", against: "one by one", target: 10, unit: "ms" },
          theirs: one * deployed,
          ours: all,
        }),
      ];
    } finally {
      await rm(project, { recursive: true, force: true });
    }
  },
};

function envOf({ adminApi, projectId, clientId, clientSecret }: RunningEmulator): Record<string, string> {
  return { ADMIN: adminApi, PROJECT: projectId, ID: clientId, SECRET: clientSecret };
}

async function makeProject(emulator: RunningEmulator, modules: number): Promise<string> {
  const project = await mkdtemp(join(tmpdir(), "asp-bench-"));
  await mkdir(join(project, "pipelines"));
  await mkdir(join(project, "node_modules"));
  await symlink(root, join(project, "node_modules/asp-toolkit"), "dir");
  await writeFile(join(project, "package.json"), JSON.stringify({ type: "module", private: true }));
  await writeFile(join(project, "atlas.config.yaml"), config.replace("CA_FILE", emulator.caFile ?? ""));
  for (let index = 0; index < modules; index += 1) {
    await writeFile(join(project, "pipelines", `${nameOf(index)}.ts`), moduleText(index));
  }
  return project;
}

const config = `connections: { events: { type: Cluster, name: Cluster0 } }
environments:
  local:
    target: admin-api
    projectId: "\${PROJECT}"
    workspace: local
    baseUrl: "\${ADMIN}"
    caFile: "CA_FILE"
    auth: { type: service-account, clientId: "\${ID}", clientSecret: "\${SECRET}" }
`;

function nameOf(index: number): string {
  return `p${String(index).padStart(3, "0")}`;
}

function moduleText(index: number): string {
  return `import { defineProcessor } from "asp-toolkit";

export default defineProcessor({
  name: "${nameOf(index)}",
  pipeline: [
    { $source: { connectionName: "events", db: "shop", coll: "events_${index % 10}", config: { fullDocumentOnly: true } } },
    { $match: { amount: { $gte: ${index} } } },
    { $set: { twice: { $multiply: ["$amount", 2] } } },
    { $merge: { into: { connectionName: "events", db: "shop", coll: "orders_${index}" } } },
  ],
});
`;
}
