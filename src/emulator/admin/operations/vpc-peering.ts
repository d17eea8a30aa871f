import { Type } from "@sinclair/typebox";
import type { Document } from "bson";
import type { Resource } from "../../project-types.ts";
import { defineList, defineOperation, dates, streams, type Call, type Operation } from "../operation.ts";
import { acceptRequest, peeringReply } from "../schemas/networking.ts";
import { emptyReply } from "../schemas/parts.ts";
import { demandResource, invalidAttribute } from "./demand.ts";

const all = `${streams}/vpcPeeringConnections` as const;
const versions = [dates.first];

/**
 * Peering begins at the cloud, so the API makes none: the emulator's own endpoint does. Accepting and rejecting change the states.
 * Source: asp-control-plane 1.1; the names of states are AWS's.
 */
export const peeringOperations: readonly Operation[] = [
  defineList(`GET ${all}`, {
    id: "listGroupStreamVpcPeeringConnections",
    versions,
    needs: "reader",
    query: { requesterAccountId: Type.Optional(Type.String()) },
    reply: peeringReply,
    handle: (call) => {
      const { requesterAccountId } = call.query;
      return peerings(call).filter(
        (each) => requesterAccountId === undefined || each["requesterAccountId"] === requesterAccountId,
      );
    },
  }),
  defineList(`GET ${streams}/activeVpcPeeringConnections`, {
    id: "listGroupStreamActiveVpcPeeringConnections",
    versions: ["2024-11-13"],
    needs: "reader",
    reply: peeringReply,
    handle: (call) => peerings(call).filter(({ localStatus }) => localStatus === "ACTIVE"),
  }),
  defineOperation(`DELETE ${all}/{id}`, {
    id: "deleteGroupStreamVpcPeeringConnection",
    versions,
    needs: "manager",
    status: 202,
    reply: emptyReply,
    handle: async (call) => {
      await call.project.resources.remove("vpcPeering", demandPeering(call).id);
      return {};
    },
  }),
  defineOperation(`POST ${all}/{id}:accept`, {
    id: "acceptGroupStreamVpcPeeringConnection",
    versions,
    needs: "manager",
    status: 202,
    body: acceptRequest,
    reply: emptyReply,
    handle: async (call) => {
      const { fields } = demandPeering(call);
      const { requesterAccountId, requesterVpcId } = call.body;
      for (const [field, value] of Object.entries({ requesterAccountId, requesterVpcId })) {
        if (fields[field] !== undefined && fields[field] !== value) {
          throw invalidAttribute(field, "it is not the one that asked for the peering");
        }
      }
      return changeStatus(call, { cloudStatus: "active", localStatus: "ACTIVE", requesterAccountId, requesterVpcId });
    },
  }),
  defineOperation(`POST ${all}/{id}:reject`, {
    id: "rejectGroupStreamVpcPeeringConnection",
    versions,
    needs: "manager",
    status: 202,
    reply: emptyReply,
    handle: (call) => changeStatus(call, { cloudStatus: "rejected", localStatus: "REJECTED" }),
  }),
];

type Named = Pick<Call, "project" | "params">;

function peerings({ project }: Pick<Call, "project">): readonly Document[] {
  return project.resources.list("vpcPeering").map((each) => ({ ...each.fields, _id: each.id, groupId: project.id }));
}

function demandPeering(call: Named): Resource {
  return demandResource(call, "vpcPeering", call.params["id"] ?? "");
}

async function changeStatus(call: Named, change: Document): Promise<object> {
  const { id, fields } = demandPeering(call);
  await call.project.resources.update("vpcPeering", id, { ...fields, ...change });
  return {};
}
