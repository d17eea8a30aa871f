import type { Document } from "bson";
import type { Project, Resource } from "../../project-types.ts";
import { ApiError } from "../http/api-error.ts";
import { dates, defineList, defineOperation, streams, type Operation } from "../operation.ts";
import { privateLinkChange, privateLinkReply, privateLinkRequest } from "../schemas/networking.ts";
import { emptyReply } from "../schemas/parts.ts";
import { demandResource } from "./demand.ts";

const all = `${streams}/privateLinkConnections` as const;
const one = `${all}/{connectionId}` as const;
const versions = [dates.first];

/** Stored, with the states that were recorded; nothing is connected. Source: asp-control-plane 1.1, 1.3, 1.6. */
export const privateLinkOperations: readonly Operation[] = [
  defineList(`GET ${all}`, {
    id: "listGroupStreamPrivateLinkConnections",
    versions,
    needs: "reader",
    reply: privateLinkReply,
    handle: ({ project }) => project.resources.list("privateLink").map(toPrivateLink),
  }),
  defineOperation(`POST ${all}`, {
    id: "createGroupStreamPrivateLinkConnection",
    versions,
    needs: "manager",
    body: privateLinkRequest,
    reply: privateLinkReply,
    handle: async ({ project, body }) => {
      const {
        _id: _,
        links: __,
        state: ___,
        errorMessage: ____,
        interfaceEndpointId: _____,
        interfaceEndpointName: ______,
        providerAccountId: _______,
        ...fields
      } = body;
      const same = project.resources.list("privateLink").find((each) => isSame(each.fields, fields));
      if (same !== undefined) {
        throw new ApiError(409, "STREAM_PRIVATE_LINK_ALREADY_EXISTS", `It exists already, with the id ${same.id}.`);
      }
      const { id } = await project.resources.create("privateLink", fields);
      // Recorded: what was sent comes back, and the rest is seen by the next GET.
      return { _id: id, ...fields };
    },
  }),
  defineOperation(`GET ${one}`, {
    id: "getGroupStreamPrivateLinkConnection",
    versions,
    needs: "reader",
    reply: privateLinkReply,
    handle: (call) => toPrivateLink(demandResource(call, "privateLink", call.params["connectionId"] ?? "")),
  }),
  defineOperation(`PATCH ${one}`, {
    id: "updateGroupStreamPrivateLinkConnection",
    versions: [dates.latest],
    needs: "manager",
    body: privateLinkChange,
    reply: privateLinkReply,
    handle: async (call) => {
      const { id, fields } = demandResource(call, "privateLink", call.params["connectionId"] ?? "");
      const { dnsDomain } = call.body;
      return toPrivateLink(await call.project.resources.update("privateLink", id, { ...fields, dnsDomain }));
    },
  }),
  defineOperation(`DELETE ${one}`, {
    id: "deleteGroupStreamPrivateLinkConnection",
    versions,
    needs: "manager",
    status: 202,
    reply: emptyReply,
    handle: async (call) => {
      const { id } = demandResource(call, "privateLink", call.params["connectionId"] ?? "");
      const user = userOf(call.project, id);
      if (user !== undefined) {
        throw new ApiError(409, "STREAM_PRIVATE_LINK_IN_USE", `The connection ${user} uses it.`, { parameters: [id] });
      }
      await call.project.resources.remove("privateLink", id);
      return {};
    },
  }),
];

function toPrivateLink({ id, fields }: Resource): Document {
  return { _id: id, state: "IDLE", vendor: "GENERIC", ...fields };
}

/** What one is to the cloud: two of the same target make no sense. */
function isSame(a: Document, b: Document): boolean {
  const identity = ["provider", "vendor", "region", "serviceEndpointId", "arn", "dnsDomain"] as const;
  return identity.every((field) => a[field] === b[field]) && ["serviceEndpointId", "arn"].some((field) => field in a);
}

function userOf(project: Project, id: string): string | undefined {
  for (const { connections } of project.tenants()) {
    for (const { name, settings } of connections.list()) {
      const { networking, publicPrivateNetworking } = settings;
      if ([networking, publicPrivateNetworking].some((each) => each?.access?.connectionId === id)) return name;
    }
  }
  return undefined;
}
