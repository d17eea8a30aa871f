import { toEjson } from "../../../compiler/emit/json.ts";
import type { Definition } from "../../../stages/definition.ts";
import type { Change } from "../../plan/change.ts";
import type { WorkspaceChange, WorkspaceSettings } from "../../plan/workspace-settings.ts";
import type { ConnectionSettings, LogOptions, StartOptions } from "../target.ts";

/** A request of the Admin API, before it is sent. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** With the query, from the root of the server. */
  readonly path: string;
  /** JSON whose keys are in order. */
  readonly body?: string;
  /** What is to come back; default JSON. */
  readonly format?: "gzip";
}

/** Whose workspace it is. */
export interface WorkspaceAddress {
  readonly projectId: string;
  readonly workspace: string;
}

/** As many as a page may hold would make replies too large. */
const perPage = 100;

const project = ({ projectId }: WorkspaceAddress): string =>
  `/api/atlas/v2/groups/${encodeURIComponent(projectId)}/streams`;
const root = (at: WorkspaceAddress): string => `${project(at)}/${encodeURIComponent(at.workspace)}`;
const processorPath = (at: WorkspaceAddress, name: string): string =>
  `${root(at)}/processor/${encodeURIComponent(name)}`;
const connectionPath = (at: WorkspaceAddress, name: string): string =>
  `${root(at)}/connections/${encodeURIComponent(name)}`;
const page = (number: number): string => `?itemsPerPage=${perPage}&pageNum=${number}`;

/** Since the epoch, as a log is asked for. */
const toSeconds = (date: Date): string => String(Math.floor(date.getTime() / 1000));

/** Requests of the Admin API, each a value. Source: asp-control-plane 1.1 and 1.4. */
export const requests = {
  workspace: (at: WorkspaceAddress): ApiRequest => ({ method: "GET", path: root(at) }),
  createWorkspace: (at: WorkspaceAddress, { provider, region, ...tiers }: WorkspaceSettings): ApiRequest => ({
    method: "POST",
    path: project(at),
    body: JSON.stringify({
      name: at.workspace,
      dataProcessRegion: { cloudProvider: provider, region },
      ...(Object.keys(tiers).length > 0 && { streamConfig: toStreamConfig(tiers) }),
    }),
  }),
  updateWorkspace: (at: WorkspaceAddress, change: WorkspaceChange): ApiRequest => ({
    method: "PATCH",
    path: root(at),
    body: JSON.stringify({ streamConfig: toStreamConfig(change) }),
  }),
  deleteWorkspace: (at: WorkspaceAddress): ApiRequest => ({ method: "DELETE", path: root(at) }),
  processors: (at: WorkspaceAddress, number: number): ApiRequest => ({
    method: "GET",
    path: `${root(at)}/processors${page(number)}`,
  }),
  processor: (at: WorkspaceAddress, name: string): ApiRequest => ({ method: "GET", path: processorPath(at, name) }),
  connections: (at: WorkspaceAddress, number: number): ApiRequest => ({
    method: "GET",
    path: `${root(at)}/connections${page(number)}`,
  }),
  logs: (at: WorkspaceAddress, { kind = "operational", from, to, processor }: LogOptions): ApiRequest => {
    const query = new URLSearchParams({
      ...(from && { startDate: toSeconds(from) }),
      ...(to && { endDate: toSeconds(to) }),
      ...(processor !== undefined && { spName: processor }),
    }).toString();
    const path = kind === "audit" ? `${root(at)}/auditLogs` : `${root(at)}:downloadOperationalLogs`;
    return { method: "GET", path: query === "" ? path : `${path}?${query}`, format: "gzip" };
  },
  create: (at: WorkspaceAddress, { name, pipeline, options = {} }: Definition): ApiRequest => {
    // Another place for the same: the service has these two beside its options.
    const { tier, failoverEnabled, resumeFromCheckpoint: _, ...rest } = options;
    return {
      method: "POST",
      path: `${root(at)}/processor`,
      body: toEjson({
        name,
        pipeline,
        ...(Object.keys(rest).length > 0 && { options: rest }),
        ...(tier !== undefined && { tier }),
        ...(failoverEnabled !== undefined && { failoverEnabled }),
      }),
    };
  },
  start: (
    at: WorkspaceAddress,
    name: string,
    { startAtOperationTime: time, ...options }: StartOptions,
  ): ApiRequest => ({
    method: "POST",
    path: `${processorPath(at, name)}:startWith`,
    body: toEjson({ ...options, ...(time !== undefined && { startAtOperationTime: time.toISOString() }) }),
  }),
  stop: (at: WorkspaceAddress, name: string): ApiRequest => ({
    method: "POST",
    path: `${processorPath(at, name)}:stop`,
  }),
  modify: (at: WorkspaceAddress, processor: string, change: Change): ApiRequest => {
    const { name, pipeline, dlq, tier, autoscaling, failoverEnabled, resumeFromCheckpoint } = change;
    const options = {
      ...(dlq !== undefined && { dlq: dlq ?? {} }),
      ...(autoscaling !== undefined && { autoscaling }),
      resumeFromCheckpoint,
    };
    return {
      method: "PATCH",
      path: processorPath(at, processor),
      body: toEjson({
        ...(name !== undefined && { name }),
        ...(pipeline !== undefined && { pipeline }),
        options,
        ...(tier !== undefined && { tier }),
        ...(failoverEnabled !== undefined && { failoverEnabled }),
      }),
    };
  },
  drop: (at: WorkspaceAddress, name: string): ApiRequest => ({ method: "DELETE", path: processorPath(at, name) }),
  createConnection: (at: WorkspaceAddress, name: string, settings: ConnectionSettings): ApiRequest => ({
    method: "POST",
    path: `${root(at)}/connections`,
    body: JSON.stringify({ name, ...settings }),
  }),
  updateConnection: (at: WorkspaceAddress, name: string, settings: ConnectionSettings): ApiRequest => ({
    method: "PATCH",
    path: connectionPath(at, name),
    body: JSON.stringify({ name, ...settings }),
  }),
  deleteConnection: (at: WorkspaceAddress, name: string): ApiRequest => ({
    method: "DELETE",
    path: connectionPath(at, name),
  }),
} as const;

function toStreamConfig({ tier, maxTier }: WorkspaceChange): object {
  return { ...(tier !== undefined && { tier }), ...(maxTier !== undefined && { maxTierSize: maxTier }) };
}
