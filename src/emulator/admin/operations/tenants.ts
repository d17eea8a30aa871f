import { Type } from "@sinclair/typebox";
import { sampleConnection } from "../../../stages/sample-data.ts";
import type { TenantChange } from "../../project-types.ts";
import { dates, defineList, defineOperation, streams, type Operation } from "../operation.ts";
import { emptyReply } from "../schemas/parts.ts";
import { tenantReply, tenantRequest, tenantUpdate } from "../schemas/tenant.ts";
import { changeAllProcessors } from "./change-all-processors.ts";
import { demandTenant } from "./demand.ts";
import { checkRegion, checkTiers, toTenant, toTenantRequest } from "./tenant-json.ts";

const one = `${streams}/{tenantName}` as const;
const versions = [dates.first];

/** Workspaces: `tenant` to the API. Source: asp-control-plane 1.1 and 1.2. */
export const tenantOperations: readonly Operation[] = [
  defineList(`GET ${streams}`, {
    id: "listGroupStreamWorkspaces",
    versions,
    needs: "reader",
    reply: tenantReply,
    handle: ({ project }) => project.tenants().map((tenant) => toTenant(project, tenant)),
  }),
  defineOperation(`POST ${streams}`, {
    id: "createGroupStreamWorkspace",
    versions,
    needs: "manager",
    body: tenantRequest,
    reply: tenantReply,
    handle: async ({ project, body }) => {
      const samples = body.sampleConnections?.solar === true ? [sampleConnection] : [];
      return toTenant(project, await project.create({ ...toTenantRequest(body), samples }));
    },
  }),
  defineOperation(`POST ${streams}:withSampleConnections`, {
    id: "withGroupStreamSampleConnections",
    versions: ["2024-08-05"],
    needs: "manager",
    body: tenantRequest,
    reply: tenantReply,
    handle: async ({ project, body }) =>
      toTenant(project, await project.create({ ...toTenantRequest(body), samples: [sampleConnection] })),
  }),
  defineOperation(`GET ${one}`, {
    id: "getGroupStreamWorkspace",
    versions,
    needs: "manager",
    query: { includeConnections: Type.Optional(Type.Boolean()) },
    reply: tenantReply,
    handle: (call) => toTenant(call.project, demandTenant(call), call.query.includeConnections),
  }),
  defineOperation(`PATCH ${one}`, {
    id: "updateGroupStreamWorkspace",
    versions,
    needs: "manager",
    body: tenantUpdate,
    reply: tenantReply,
    handle: async (call) => {
      const { project, body } = call;
      const { record } = demandTenant(call);
      const { cloudProvider, region, streamConfig, failoverRegions, processorStatus } = body;
      const dataProcessRegion = {
        cloudProvider: cloudProvider ?? record.dataProcessRegion.cloudProvider,
        region: region ?? record.dataProcessRegion.region,
      };
      if (cloudProvider !== undefined || region !== undefined) checkRegion(dataProcessRegion);
      checkTiers(streamConfig?.tier ?? record.tier, streamConfig?.maxTierSize ?? record.maxTier);
      const change: TenantChange = {
        dataProcessRegion,
        ...(streamConfig?.tier && { tier: streamConfig.tier }),
        ...(streamConfig?.maxTierSize && { maxTier: streamConfig.maxTierSize }),
        ...(failoverRegions && { failoverRegions }),
      };
      await project.change(record.name, change);
      if (processorStatus !== undefined) await changeAllProcessors(demandTenant(call), processorStatus);
      return toTenant(project, demandTenant(call));
    },
  }),
  defineOperation(`DELETE ${one}`, {
    id: "deleteGroupStreamWorkspace",
    versions,
    needs: "manager",
    status: 202,
    reply: emptyReply,
    handle: async (call) => {
      const { id, name } = demandTenant(call).record;
      const { project } = call;
      await project.remove(name);
      for (const { id: resource, fields } of project.resources.list("failoverConnection")) {
        if (fields["tenant"] === id) await project.resources.remove("failoverConnection", resource);
      }
      return {};
    },
  }),
];
