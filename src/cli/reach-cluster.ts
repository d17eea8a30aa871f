import { MongoClient } from "mongodb";
import type { Environment } from "../config/environment.ts";
import type { Variables } from "../config/interpolate.ts";
import { noAddress, resolveConnection } from "../config/resolve-connection.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { configName } from "../engine/open-clusters.ts";
import { within } from "../engine/within.ts";

const closeWithinMs = 2000;

/** Clusters behind the connections of an environment, as far as the config says where they are; a client for each address. */
export interface ClusterReach extends AsyncDisposable {
  /** @param name as a compiled definition has it; the finding says what the config lacks */
  client(name: string): { readonly client?: MongoClient; readonly finding?: Finding };
}

export function reachClusters(environment: Environment, env: Variables): ClusterReach {
  const clients = new Map<string, MongoClient>();
  return {
    client(name) {
      const key = configName(environment, name);
      const address = resolveConnection(environment, key, env);
      if (address.kind === "unknown") return { finding: address.finding };
      if (address.kind === "embedded") return { finding: noAddress({}, { name: key, environment: environment.name }) };
      const client =
        clients.get(address.uri) ?? new MongoClient(address.uri, { appName: "asp", serverSelectionTimeoutMS: 10_000 });
      clients.set(address.uri, client);
      return { client };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...clients.values()].map((client) => within(client.close(), closeWithinMs)));
    },
  };
}
