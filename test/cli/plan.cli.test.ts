import { expect, test } from "vitest";
import { makeFolder } from "./run-cli.ts";
import { spawnCli } from "./spawn-cli.ts";
import { project } from "./sample.ts";

/** The names that the processor of the sample uses, at an emulator that runs. */
const environment = `  emulated:
    target: emulator
    projectId: "\${PROJECT}"
    workspace: local
    baseUrl: "\${ADMIN}"
    caFile: "CA_FILE"
    auth: { type: service-account, clientId: "\${ID}", clientSecret: "\${SECRET}" }
`;

test("asp plan as built reads asp emulator as built, and ends with 2 where there are changes", async () => {
  const cwd = await makeFolder(project);
  const emulator = await spawnCli(["emulator", "--json"], { cwd });
  const [line = ""] = await emulator.stdoutLines(1);
  const ready = JSON.parse(line) as Record<string, string>;
  const here = await makeFolder({
    ...project,
    "atlas.config.yaml": project["atlas.config.yaml"] + environment.replace("CA_FILE", ready["caFile"] ?? ""),
  });
  const env = {
    PROJECT: ready["projectId"] ?? "",
    ADMIN: ready["adminApi"] ?? "",
    ID: ready["clientId"] ?? "",
    SECRET: ready["clientSecret"] ?? "",
  };
  const plan = await spawnCli(["plan", "-e", "emulated", "--detailed-exitcode"], { cwd: here, env });
  const { code, stdout, stderr } = await plan.result;
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("reading workspace `local`") });
  expect(stdout).toContain("+ payments is created and started");
  expect(await plan.leftovers()).toEqual([]);
  emulator.kill("SIGTERM");
  await emulator.result;
});
