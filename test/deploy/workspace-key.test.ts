import { describe, expect, test } from "vitest";
import type { EnvironmentConfig } from "../../src/config/environment-schema.ts";
import { remoteSettings } from "../../src/cli/remote-settings.ts";
import { resolveRecord } from "../../src/deploy/record/resolve-record.ts";
import { workspaceKey } from "../../src/deploy/record/workspace-key.ts";
import { environmentOf } from "./deploying.ts";

const keyOf = (settings: EnvironmentConfig, env = {}) => workspaceKey({ ...environmentOf(), settings }, env);

describe("records know a workspace", () => {
  test.each<[string, EnvironmentConfig, string]>([
    ["by its project and its name", { projectId: "65a0", workspace: "commerce" }, "65a0/commerce"],
    ["by its name alone where there is no project", { workspace: "commerce" }, "commerce"],
    ["by the environment where nothing else is said", {}, "staging"],
    ["as variables have it", { projectId: "${P}", workspace: "${W:-commerce}" }, "65a1/commerce"],
    ["at any address", { projectId: "65a0", workspace: "commerce", baseUrl: "http://127.0.0.1:1" }, "65a0/commerce"],
  ])("%s", (_, settings, key) => {
    expect(keyOf(settings, { P: "65a1" })).toEqual({ value: key });
  });

  test("or not at all, where a variable is not set", () => {
    const environment = environmentOf({ uri: "mongodb://127.0.0.1", db: "asp", projectId: "${P}" });
    expect(workspaceKey(environment, {}).finding?.code).toBe("ASP4006");
    expect(resolveRecord(environment, {})).toMatchObject({ findings: [{ code: "ASP4006" }] });
    expect(resolveRecord(environment, { P: "65a0" }).place?.workspace).toBe("65a0/local");
  });

  test("by the wire, too, by what a command prints", () => {
    const record = { uri: "mongodb://127.0.0.1", db: "asp", projectId: "${exec:get project}" };
    const wired = { ...environmentOf(record), target: "wire" } as const;
    expect(JSON.stringify(remoteSettings(wired))).toContain("${exec:get project}");
  });
});
