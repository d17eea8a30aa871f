import type { Document } from "bson";
import type { Resource } from "../../project-types.ts";
import { dates, defineList, defineOperation, streams, type Call, type Operation } from "../operation.ts";
import { failoverReply, failoverRequest } from "../schemas/connection.ts";
import { withoutSecrets, withStoredSecrets } from "./connection-json.ts";
import { demandConnection, demandTenant, invalidAttribute, notFound } from "./demand.ts";

const all = `${streams}/{tenantName}/connections/{connectionName}/failoverConnections` as const;
const one = `${all}/{failoverConnectionId}` as const;
const versions = [dates.latest];

/** Stored, and used by nothing: the emulator has one region. Source: asp-control-plane 1.1. */
export const failoverOperations: readonly Operation[] = [
  defineList(`GET ${all}`, {
    id: "listGroupStreamConnectionFailoverConnections",
    versions,
    needs: "manager",
    reply: failoverReply,
    handle: (call) => ofConnection(call).map(toFailover),
  }),
  defineOperation(`POST ${all}`, {
    id: "createGroupStreamConnectionFailoverConnection",
    versions,
    needs: "manager",
    status: 201,
    body: failoverRequest,
    reply: failoverReply,
    handle: async (call) => {
      const { name: connection, settings } = demandConnection(call);
      if (settings.type !== "Cluster" && settings.type !== "Kafka") {
        throw invalidAttribute("type", "only connections of the types Cluster and Kafka have failover connections");
      }
      const { id: _, state: __, links: ___, type = settings.type, ...own } = call.body;
      if (type !== settings.type) throw invalidAttribute("type", `the connection is of the type ${settings.type}`);
      const fields = { ...own, type, tenant: demandTenant(call).record.id, connection };
      return toFailover(await call.project.resources.create("failoverConnection", fields));
    },
  }),
  defineOperation(`GET ${one}`, {
    id: "getGroupStreamConnectionFailoverConnection",
    versions,
    needs: "manager",
    reply: failoverReply,
    handle: (call) => toFailover(demandFailover(call)),
  }),
  defineOperation(`PATCH ${one}`, {
    id: "updateGroupStreamConnectionFailoverConnection",
    versions,
    needs: "manager",
    body: failoverRequest,
    reply: failoverReply,
    handle: async (call) => {
      const { id, fields } = demandFailover(call);
      const { id: _, state: __, links: ___, type, ...own } = call.body;
      if (type !== undefined && type !== fields["type"]) throw invalidAttribute("type", "it cannot be changed");
      const change = { ...fields, ...withStoredSecrets(own, fields) };
      return toFailover(await call.project.resources.update("failoverConnection", id, change));
    },
  }),
  defineOperation(`DELETE ${one}`, {
    id: "deleteGroupStreamConnectionFailoverConnection",
    versions,
    needs: "manager",
    status: 204,
    handle: async (call) => {
      await call.project.resources.remove("failoverConnection", demandFailover(call).id);
    },
  }),
];

type Named = Pick<Call, "project" | "params">;

function ofConnection(call: Named): readonly Resource[] {
  const { name } = demandConnection(call);
  const { id } = demandTenant(call).record;
  return call.project.resources
    .list("failoverConnection")
    .filter(({ fields }) => fields["tenant"] === id && fields["connection"] === name);
}

function demandFailover(call: Named): Resource {
  const { failoverConnectionId = "" } = call.params;
  const found = ofConnection(call).find(({ id }) => id === failoverConnectionId);
  if (found === undefined) {
    throw notFound(`No failover connection with the id ${failoverConnectionId} exists.`, [failoverConnectionId]);
  }
  return found;
}

function toFailover({ id, fields: { tenant: _, connection: __, ...shown } }: Resource): Document {
  return { id, state: "READY", ...(withoutSecrets(shown) as Document) };
}
