import { Type } from "@sinclair/typebox";
import type { Project } from "../../project-types.ts";
import { ApiError } from "../http/api-error.ts";
import { dates, defineList, defineOperation, type Operation } from "../operation.ts";
import { closed, hexId } from "../schemas/parts.ts";

const text = Type.String();
const organization = closed({ id: hexId, isDeleted: Type.Boolean(), name: text });
const group = closed({ clusterCount: Type.Integer(), created: text, id: hexId, name: text, orgId: hexId });
const cluster = closed({
  clusterType: text,
  groupId: hexId,
  id: hexId,
  name: text,
  paused: Type.Boolean(),
  stateName: text,
});
const versions = [dates.first];

/** What clients read before they come to Stream Processing: the organization, the project, its clusters. Source: real-clients 1.2. */
export const surroundingOperations: readonly Operation[] = [
  defineList("GET /orgs", {
    id: "listOrgs",
    versions,
    needs: "reader",
    reply: organization,
    handle: ({ project }) => [{ id: orgIdOf(project), isDeleted: false, name: "emulator" }],
  }),
  defineList("GET /groups", {
    id: "listGroups",
    versions,
    needs: "reader",
    reply: group,
    handle: ({ project }) => [toGroup(project)],
  }),
  defineList("GET /orgs/{orgId}/groups", {
    id: "listOrgGroups",
    versions,
    needs: "reader",
    reply: group,
    handle: ({ project, params: { orgId = "" } }) => {
      if (orgId === orgIdOf(project)) return [toGroup(project)];
      throw new ApiError(404, "ORG_NOT_FOUND", `No organization with the id ${orgId} exists.`, { parameters: [orgId] });
    },
  }),
  defineOperation("GET /groups/{groupId}", {
    id: "getGroup",
    versions,
    needs: "reader",
    reply: group,
    handle: ({ project }) => toGroup(project),
  }),
  defineList("GET /groups/{groupId}/clusters", {
    id: "listGroupClusters",
    versions,
    needs: "reader",
    reply: cluster,
    handle: ({ project }) => project.clusterNames.map((name) => toCluster(project, name)),
  }),
  defineOperation("GET /groups/{groupId}/clusters/{clusterName}", {
    id: "getGroupCluster",
    versions,
    needs: "reader",
    reply: cluster,
    handle: ({ project, params: { clusterName = "" } }) => {
      if (project.clusterNames.includes(clusterName)) return toCluster(project, clusterName);
      throw noCluster(project, clusterName);
    },
  }),
  defineList("GET /groups/{groupId}/flexClusters", {
    id: "listGroupFlexClusters",
    versions: ["2024-11-13"],
    needs: "reader",
    reply: cluster,
    handle: () => [],
  }),
  defineOperation("GET /groups/{groupId}/flexClusters/{clusterName}", {
    id: "getGroupFlexCluster",
    versions: ["2024-11-13"],
    needs: "reader",
    reply: cluster,
    handle: ({ project, params: { clusterName = "" } }) => {
      throw noCluster(project, clusterName);
    },
  }),
];

function noCluster(project: Project, name: string): ApiError {
  const detail = `No cluster named ${name} exists in project ${project.id}.`;
  return new ApiError(404, "CLUSTER_NOT_FOUND", detail, { parameters: [name, project.id] });
}

/** There is one, and it is not stored. */
function orgIdOf({ id }: Project): string {
  return id.slice(12) + id.slice(0, 12);
}

function toGroup(project: Project): object {
  const created = new Date(Number.parseInt(project.id.slice(0, 8), 16) * 1000).toISOString();
  return {
    clusterCount: project.clusterNames.length,
    created,
    id: project.id,
    name: "emulator",
    orgId: orgIdOf(project),
  };
}

function toCluster(project: Project, name: string): object {
  const place = project.clusterNames.indexOf(name) + 1;
  const id = project.id.slice(0, 18) + place.toString(16).padStart(6, "0");
  return { clusterType: "REPLICASET", groupId: project.id, id, name, paused: false, stateName: "IDLE" };
}
