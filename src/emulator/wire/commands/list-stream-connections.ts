import type { Document } from "bson";
import type { ConnectionRecord } from "../../project-types.ts";
import { defineCommand } from "./command.ts";
import { readFilter } from "./read-fields.ts";
import { readOptions } from "./read-options.ts";

/** `{listStreamConnections: 1, filter}` */
export const listStreamConnections = defineCommand({
  names: ["listStreamConnections"],
  access: { action: "listStreamConnections" },
  run: async (request, context) => {
    const { connections, workspace } = context.endpoint.tenant;
    readOptions(request, context, { own: ["filter"], options: [] });
    const filter = readFilter(request);
    const all = connections.list().map(toDocument);
    return { connections: filter === undefined ? all : await workspace.select(all, filter) };
  },
});

/** Only what is named here is shown: settings hold secrets. */
function toDocument({ id, name, settings, state, region }: ConnectionRecord): Document {
  const { type, clusterName, bootstrapServers, url, provider, schemaRegistryUrls } = settings;
  return {
    id,
    name,
    type,
    state,
    region,
    ...(clusterName !== undefined && { clusterName }),
    ...(bootstrapServers !== undefined && { bootstrapServers }),
    ...(url !== undefined && { url: withoutLogin(url) }),
    ...(provider !== undefined && { provider }),
    ...(schemaRegistryUrls && { schemaRegistryUrls: schemaRegistryUrls.map(withoutLogin) }),
  };
}

/** An address may hold a user and a password, and a query a token. */
function withoutLogin(address: string): string {
  return address.replace(/^([^:/?#]+:\/\/)[^/?#]*@/u, "$1").replace(/\?.*$/su, "");
}
