import type { Static } from "@sinclair/typebox";
import { connectionTypes } from "../../../config/connection-schema.ts";
import type { Connection } from "../../../config/environment.ts";
import type { Project, Tenant } from "../../project-types.ts";
import { dates, defineList, defineOperation, streams, type Operation } from "../operation.ts";
import { connectionReply, connectionRequest, ownFieldsOf } from "../schemas/connection.ts";
import { emptyReply } from "../schemas/parts.ts";
import { toConnection, withStoredSecrets } from "./connection-json.ts";
import { demandConnection, demandTenant, invalidAttribute } from "./demand.ts";

const all = `${streams}/{tenantName}/connections` as const;
const one = `${all}/{connectionName}` as const;
const versions = [dates.first];

/** Connections of a workspace. Source: asp-control-plane 1.1 and 1.3. */
export const connectionOperations: readonly Operation[] = [
  defineList(`GET ${all}`, {
    id: "listGroupStreamConnections",
    versions,
    needs: "manager",
    reply: connectionReply,
    handle: (call) => demandTenant(call).connections.list().map(toConnection),
  }),
  defineOperation(`POST ${all}`, {
    id: "createGroupStreamConnection",
    versions,
    needs: "manager",
    body: connectionRequest,
    reply: connectionReply,
    handle: async (call) => {
      const { connections } = demandTenant(call);
      const { name, type } = call.body;
      if (name === undefined) throw invalidAttribute("name", "it is required");
      if (typeof type !== "string") throw invalidAttribute("type", "it is required");
      return toConnection(await connections.create(name, toSettings(call.body, type)));
    },
  }),
  defineOperation(`GET ${one}`, {
    id: "getGroupStreamConnection",
    versions,
    needs: "reader",
    reply: connectionReply,
    handle: (call) => toConnection(demandConnection(call)),
  }),
  defineOperation(`PATCH ${one}`, {
    id: "updateGroupStreamConnection",
    versions,
    needs: "manager",
    body: connectionRequest,
    reply: connectionReply,
    handle: async (call) => {
      const { name, settings } = demandConnection(call);
      // Clients send the name along; there is no way to change it.
      if (call.body.name !== undefined && call.body.name !== name) {
        throw invalidAttribute("name", "the name of a connection cannot be changed");
      }
      const type = call.body.type ?? settings.type;
      const change = withStoredSecrets(toSettings(call.body, type), settings);
      return toConnection(await demandTenant(call).connections.update(name, change));
    },
  }),
  defineOperation(`DELETE ${one}`, {
    id: "deleteGroupStreamConnection",
    versions,
    needs: "manager",
    status: 202,
    reply: emptyReply,
    handle: async (call) => {
      const { name } = demandConnection(call);
      const tenant = demandTenant(call);
      await tenant.connections.remove(name);
      await removeFailovers(call.project, tenant, name);
      return {};
    },
  }),
];

/** @throws ApiError 400 for a field of another type */
function toSettings(body: Static<typeof connectionRequest>, type: string): Connection {
  const { id: _, state: __, links: ___, name: ____, type: _____, ...settings } = body;
  const own = ownFieldsOf(type);
  const foreign = Object.keys(settings).find((field) => field !== "region" && !own.includes(field));
  const isKnown = connectionTypes.some((each) => each === type);
  if (foreign !== undefined && isKnown) {
    throw invalidAttribute(foreign, `a connection of the type ${type} has no such field`);
  }
  // A type that nobody knows is the registry's to refuse.
  return { ...settings, type } as Connection;
}

async function removeFailovers({ resources }: Project, { record }: Tenant, connection: string): Promise<void> {
  for (const { id, fields } of resources.list("failoverConnection")) {
    if (fields["tenant"] === record.id && fields["connection"] === connection) {
      await resources.remove("failoverConnection", id);
    }
  }
}
