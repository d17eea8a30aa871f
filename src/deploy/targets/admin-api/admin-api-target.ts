import { setTimeout as sleepFor } from "node:timers/promises";
import type { Definition } from "../../../stages/definition.ts";
import { hasTiers, isAsWanted, isCreated } from "../is-done.ts";
import { cannotSample } from "../refusals.ts";
import type { Target } from "../target.ts";
import { writeSurely } from "../write-surely.ts";
import { createBearer, createDigest } from "./authorization.ts";
import { fetchToken } from "./fetch-token.ts";
import {
  readAllStats,
  readConnections,
  readDefaults,
  readLog,
  readOptional,
  readProcessor,
  readProcessors,
  readReply,
  readStats,
  readWorkspace,
  type Page,
  type ReplyContext,
} from "./reply.ts";
import { requests, type ApiRequest, type WorkspaceAddress } from "./request.ts";
import { createTransport, type TransportOptions } from "./transport.ts";

export type AdminApiAuth =
  | { readonly type: "service-account"; readonly clientId: string; readonly clientSecret: string }
  | { readonly type: "api-key"; readonly publicKey: string; readonly privateKey: string };

export interface AdminApiOptions extends WorkspaceAddress, Omit<TransportOptions, "label"> {
  readonly auth: AdminApiAuth;
  /** Before each reading after a write whose reply is lost, in milliseconds. */
  readonly readAgainPausesMs?: readonly number[];
}

/** A workspace through the Admin API. Nothing is sent until something is asked for. */
export function createAdminApiTarget(options: AdminApiOptions): Target {
  const { projectId, workspace, auth, signal, readAgainPausesMs: pausesMs = [0, 1000, 3000] } = options;
  const at: WorkspaceAddress = { projectId, workspace };
  const label = `the Admin API at ${new URL(options.baseUrl).host}`;
  const context: ReplyContext = { ...at, label };
  const transport = createTransport(
    (bare) => (auth.type === "api-key" ? createDigest(auth) : createBearer(() => fetchToken(bare, auth, label))),
    { ...options, label },
  );
  const sleep = async (ms: number): Promise<void> => {
    await sleepFor(ms, undefined, { signal });
  };
  const ask = async (request: ApiRequest): Promise<unknown> => readReply(await transport.send(request), context);
  const write = (request: ApiRequest, isDone: () => Promise<boolean>): Promise<void> =>
    writeSurely(async () => void (await ask(request)), isDone, { pausesMs, sleep });
  const readAll = async <Item>(
    request: (page: number) => ApiRequest,
    read: (body: unknown, context: ReplyContext, before: number) => Page<Item>,
  ): Promise<readonly Item[]> => {
    const items: Item[] = [];
    for (let number = 1; ; number += 1) {
      const page = read(await ask(request(number)), context, items.length);
      items.push(...page.items);
      if (page.isLast) return items;
    }
  };

  const readOne = async <Read>(
    name: string,
    read: (body: unknown, context: ReplyContext) => Read,
  ): Promise<Read | undefined> => {
    const body = readOptional(await transport.send(requests.processor(at, name)), context);
    return body === undefined ? undefined : read(body, context);
  };
  const processor: Target["processor"] = (name) => readOne(name, readProcessor);
  const workspaceNow: Target["workspace"] = async () =>
    readWorkspace(await transport.send(requests.workspace(at)), context);
  const connections: Target["connections"] = () =>
    readAll((number) => requests.connections(at, number), readConnections);
  const hasConnection = async (name: string): Promise<boolean> =>
    (await connections()).some((connection) => connection.name === name);
  const stateOf = async (name: string): Promise<string | undefined> => (await processor(name))?.state;
  const close = (): Promise<void> => {
    transport.close();
    return Promise.resolve();
  };

  const ownLabel = `workspace \`${workspace}\` (${label})`;
  return {
    label: ownLabel,
    // Workspaces of two projects may have one name.
    identity: `${workspace} of project ${projectId} at ${new URL(options.baseUrl).host}`,
    managesConnections: true,
    processors: () => readAll((number) => requests.processors(at, number), readProcessors),
    processor,
    connections,
    defaults: async () => readDefaults(await ask(requests.workspace(at))),
    workspace: workspaceNow,
    stats: (name) => readOne(name, readStats),
    allStats: () => readAll((number) => requests.processors(at, number), readAllStats),
    sample: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(cannotSample(ownLabel)) }) }),
    logs: async (wanted = {}) => readLog(await transport.send(requests.logs(at, wanted)), context),
    create: (definition: Definition) =>
      write(requests.create(at, definition), async () => isCreated(await processor(definition.name), definition)),
    start: (name, given = {}) =>
      write(requests.start(at, name, given), async () => (await stateOf(name)) === "STARTED"),
    stop: (name) => write(requests.stop(at, name), async () => (await stateOf(name)) === "STOPPED"),
    modify: (name, change) =>
      write(requests.modify(at, name, change), async () => isAsWanted(await processor(change.name ?? name), change)),
    drop: (name) => write(requests.drop(at, name), async () => (await processor(name)) === undefined),
    createWorkspace: (settings) =>
      write(requests.createWorkspace(at, settings), async () => (await workspaceNow()) !== undefined),
    updateWorkspace: (change) =>
      write(requests.updateWorkspace(at, change), async () => hasTiers(await workspaceNow(), change)),
    deleteWorkspace: () => write(requests.deleteWorkspace(at), async () => (await workspaceNow()) === undefined),
    createConnection: (name, settings) =>
      write(requests.createConnection(at, name, settings), () => hasConnection(name)),
    // Sent again it changes nothing: secrets do not come back, so nothing tells whether it was done.
    updateConnection: (name, settings) =>
      write(requests.updateConnection(at, name, settings), () => Promise.resolve(false)),
    deleteConnection: (name) => write(requests.deleteConnection(at, name), async () => !(await hasConnection(name))),
    close,
    [Symbol.asyncDispose]: close,
  };
}
