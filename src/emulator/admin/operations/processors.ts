import type { Tenant } from "../../project-types.ts";
import type { ProcessorInfo } from "../../workspace/workspace-types.ts";
import { dates, defineList, defineOperation, streams, type Call, type Operation } from "../operation.ts";
import { emptyReply } from "../schemas/parts.ts";
import {
  processorChange,
  processorReply,
  processorRequest,
  processorWithStats,
  startRequest,
} from "../schemas/processor.ts";
import { demandTenant } from "./demand.ts";
import { explainRefusal, processorFailed } from "./explain-refusal.ts";
import { toChange, toDefinition, toProcessor, toProcessorWithStats, toStartOptions } from "./processor-json.ts";
import { whyNoFailover } from "./why-no-failover.ts";

const one = `${streams}/{tenantName}/processor/{processorName}` as const;
const versions = [dates.processors];

/** Processors of a workspace: `processor` for one, `processors` for the list. Source: asp-control-plane 1.1 and 1.4. */
export const processorOperations: readonly Operation[] = [
  defineOperation(`POST ${streams}/{tenantName}/processor`, {
    id: "createGroupStreamProcessor",
    versions,
    needs: "manager",
    body: processorRequest,
    reply: processorReply,
    handle: async (call) => {
      const tenant = demandTenant(call);
      const definition = toDefinition(call.body);
      return toProcessor(await explainRefusal(tenant, definition, () => tenant.workspace.create(definition)));
    },
  }),
  defineList(`GET ${streams}/{tenantName}/processors`, {
    id: "getGroupStreamProcessors",
    versions,
    needs: "manager",
    reply: processorWithStats,
    handle: (call) => demandTenant(call).workspace.list(),
    show: (call, info: ProcessorInfo) => toProcessorWithStats(demandTenant(call), info),
  }),
  defineOperation(`GET ${one}`, {
    id: "getGroupStreamProcessor",
    versions,
    needs: "manager",
    reply: processorWithStats,
    handle: async (call) => {
      const { tenant, info } = demandProcessor(call);
      return toProcessorWithStats(tenant, info);
    },
  }),
  defineOperation(`PATCH ${one}`, {
    id: "updateGroupStreamProcessor",
    versions,
    needs: "manager",
    body: processorChange,
    reply: processorWithStats,
    handle: async (call) => {
      const tenant = demandTenant(call);
      const { processorName = "" } = call.params;
      const change = toChange(call.body);
      const before = tenant.workspace.list().find(({ name }) => name === processorName);
      const pipeline = change.pipeline ?? before?.pipeline ?? [];
      const options = change.dlq?.coll === undefined ? before?.options : { dlq: change.dlq };
      const named = { name: processorName, pipeline, ...(options && { options }) };
      const changed = await explainRefusal(tenant, named, () => tenant.workspace.modify(processorName, change));
      return toProcessorWithStats(tenant, changed);
    },
  }),
  defineOperation(`DELETE ${one}`, {
    id: "deleteGroupStreamProcessor",
    versions,
    needs: "manager",
    status: 204,
    handle: async (call) => {
      const { tenant, info } = demandProcessor(call);
      await tenant.workspace.drop(info.name);
    },
  }),
  defineOperation(`POST ${one}:start`, {
    id: "startGroupStreamProcessor",
    versions,
    needs: "manager",
    reply: emptyReply,
    handle: async (call) => {
      const { tenant, info } = demandProcessor(call);
      await tenant.workspace.start(info.name);
      return {};
    },
  }),
  defineOperation(`POST ${one}:startWith`, {
    id: "startGroupStreamProcessorWith",
    versions: [dates.latest],
    needs: "manager",
    body: startRequest,
    bodyMayLack: true,
    reply: emptyReply,
    handle: async (call) => {
      const { tenant, info } = demandProcessor(call);
      const { failover, ...options } = call.body ?? {};
      if (failover === undefined) {
        await tenant.workspace.start(info.name, toStartOptions(options));
        return {};
      }
      const reason =
        whyNoFailover(tenant.record, info, failover.region) ??
        (failover.dryRun === true ? undefined : "the emulator has one region, and only a dry run is answered");
      if (reason !== undefined) throw processorFailed(info.name, reason);
      return {};
    },
  }),
  defineOperation(`POST ${one}:stop`, {
    id: "stopGroupStreamProcessor",
    versions,
    needs: "manager",
    reply: emptyReply,
    handle: async (call) => {
      const { tenant, info } = demandProcessor(call);
      await tenant.workspace.stop(info.name);
      return {};
    },
  }),
];

/** @throws AspError ASP5185 */
function demandProcessor(call: Pick<Call, "project" | "params">): {
  readonly tenant: Tenant;
  readonly info: ProcessorInfo;
} {
  const tenant = demandTenant(call);
  return { tenant, info: tenant.workspace.get(call.params["processorName"] ?? "") };
}
