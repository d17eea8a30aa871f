import type { RunningEmulator } from "../../src/testing/index.ts";

/** Settings of an environment, below its name: the Admin API of an emulator, by {@link variablesOf}. */
export function adminApi({ workspace = "local", secret = "${SECRET}" } = {}): string {
  return `
    target: admin-api
    projectId: "\${PROJECT}"
    workspace: ${workspace}
    baseUrl: "\${ADMIN}"
    caFile: "\${CA}"
    auth: { type: service-account, clientId: "\${ID}", clientSecret: ${JSON.stringify(secret)} }`;
}

/** What those settings name, and what the others of an emulator's workspace are. */
export function variablesOf(emulator: RunningEmulator): Readonly<Record<string, string>> {
  return {
    PROJECT: emulator.projectId,
    ADMIN: emulator.adminApi,
    CA: emulator.caFile ?? "",
    ID: emulator.clientId,
    SECRET: emulator.clientSecret,
    PUBLIC: emulator.publicKey,
    PRIVATE: emulator.privateKey,
    WIRE: emulator.wire,
    CLUSTER: emulator.clusterUri,
  };
}
