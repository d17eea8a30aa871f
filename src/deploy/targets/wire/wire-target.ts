import { setTimeout as sleepFor } from "node:timers/promises";
import type { Document } from "bson";
import { MongoClient, type RunCommandOptions, type MongoClientOptions } from "mongodb";
import { isAspError } from "../../../diagnostics/asp-error.ts";
import { within } from "../../../engine/within.ts";
import { isAsWanted, isCreated } from "../is-done.ts";
import { exactTypes } from "../../../engine/core/exact-bson.ts";
import { inLanes } from "../../../engine/in-lanes.ts";
import { cannotManageConnections, cannotManageWorkspaces, cannotReadLogs } from "../refusals.ts";
import type { RemoteProcessor } from "../../plan/remote.ts";
import type { ProcessorStats } from "../processor-stats.ts";
import type { Target } from "../target.ts";
import { writeSurely } from "../write-surely.ts";
import { commands } from "./command.ts";
import { readConnections, readDefaults, readProcessors, readStats, toRefusal, withoutStats } from "./reply.ts";
import { takeSample, type SampleDoor } from "./take-sample.ts";

export interface WireOptions {
  /** With user and password: a secret. */
  readonly uri: string;
  /** For people, in place of the address. */
  readonly workspace?: string;
  /** PEM file of authorities to trust. */
  readonly caFile?: string;
  readonly signal: AbortSignal;
  /** Before each further attempt of a read, in milliseconds. */
  readonly retryPausesMs?: readonly number[];
  /** Before each reading after a write whose reply is lost, in milliseconds. */
  readonly readAgainPausesMs?: readonly number[];
  /** How long the driver looks for the workspace, in milliseconds; default 10 seconds. */
  readonly selectionTimeoutMs?: number;
  /** Before a sample is asked again that had nothing, in milliseconds; default a second, as mongosh has it. */
  readonly samplePauseMs?: number;
}

/** Entries come as bytes, everything else as usual. */
const readAs = { fieldsAsRaw: { streamProcessors: true, connections: true } };
/** Nothing of a document is lost, nor of a cursor's 64 bits. */
const readSampleAs = { fieldsAsRaw: { messages: true }, promoteLongs: false };
const closeWithinMs = 2000;
/** Statistics come one processor a command. */
const statsAtOnce = 8;

/**
 * A workspace through the wire protocol, by the plain driver. Nothing is sent until something is asked for.
 *
 * @throws MongoParseError, whose words may quote it, for a connection string that is none
 */
export function createWireTarget(options: WireOptions): Target {
  const {
    uri,
    workspace,
    caFile,
    signal,
    retryPausesMs = [250, 1000],
    readAgainPausesMs: pausesMs = [0, 1000, 3000],
    samplePauseMs = 1000,
  } = options;
  const settings: MongoClientOptions = {
    appName: "asp",
    serverSelectionTimeoutMS: options.selectionTimeoutMs ?? 10_000,
    ...(caFile !== undefined && { tlsCAFile: caFile }),
  };
  const client = new MongoClient(uri, settings);
  const at = `the wire endpoint ${hostsOf(client)}`;
  const label = workspace === undefined ? at : `workspace \`${workspace}\` (${at})`;
  const sleep = async (ms: number): Promise<void> => {
    await sleepFor(ms, undefined, { signal });
  };
  const run = async (command: Document, as: RunCommandOptions = readAs): Promise<Document> => {
    signal.throwIfAborted();
    try {
      return await client.db("admin").command(command, { ...as, signal });
    } catch (error) {
      signal.throwIfAborted();
      throw toRefusal(error, label);
    }
  };
  /** A read may be asked for again, where its way failed. */
  const read = async (command: Document, as: RunCommandOptions = readAs): Promise<Document> => {
    const pauses = [...retryPausesMs];
    for (;;) {
      try {
        return await run(command, as);
      } catch (error) {
        const pause = isAspError(error) && error.code === "ASP6007" ? pauses.shift() : undefined;
        if (pause === undefined) throw error;
        await sleep(pause);
      }
    }
  };
  const write = (command: Document, isDone: () => Promise<boolean>): Promise<void> =>
    writeSurely(async () => void (await run(command)), isDone, { pausesMs, sleep });

  const processor: Target["processor"] = async (name) => {
    const found = readProcessors(await read(commands.processor(name)), label);
    // The filter is a wish: an older service may not know it.
    return found.find((each) => each.name === name);
  };
  const processors: Target["processors"] = async () => readProcessors(await read(commands.processors()), label);
  const statsOf = async (found: RemoteProcessor): Promise<ProcessorStats> => {
    try {
      return readStats(await read(commands.stats(found.name), exactTypes), found);
    } catch (error) {
      // Whether one that does not run has statistics, its documentation and its tests do not agree on. Source: asp-language 8.4.
      if (found.state !== "STARTED" && isAspError(error) && error.code === "ASP6006") return withoutStats(found);
      throw error;
    }
  };
  const stateOf = async (name: string): Promise<string | undefined> => (await processor(name))?.state;
  const sampleDoor: SampleDoor = {
    label,
    run: (command) => run(command, readSampleAs),
    pause: async (own) => {
      const signals = own === undefined ? [signal] : [signal, own];
      await sleepFor(samplePauseMs, undefined, { signal: AbortSignal.any(signals) });
    },
  };
  const refuse = (): Promise<never> => Promise.reject(cannotManageConnections(label));
  const refuseWorkspace = (): Promise<never> => Promise.reject(cannotManageWorkspaces(label));
  const defaults: Target["defaults"] = async () => readDefaults(await read(commands.defaults()));
  // The driver says good-bye to the server, and waits for its answer without end.
  const close = (): Promise<void> => within(client.close(), closeWithinMs);

  return {
    label,
    identity: workspace === undefined ? at : `${workspace} at ${at}`,
    managesConnections: false,
    processors,
    processor,
    connections: async () => readConnections(await read(commands.connections()), label),
    defaults,
    // Who answers at its address is there.
    workspace: defaults,
    stats: async (name) => {
      const found = await processor(name);
      return found === undefined ? undefined : await statsOf(found);
    },
    allStats: async () => inLanes(await processors(), { count: statsAtOnce }, statsOf),
    sample: (name, wanted = {}) => takeSample(sampleDoor, name, wanted),
    logs: () => Promise.reject(cannotReadLogs(label)),
    create: (definition) =>
      write(commands.create(definition), async () => isCreated(await processor(definition.name), definition)),
    start: (name, given = {}) => write(commands.start(name, given), async () => (await stateOf(name)) === "STARTED"),
    stop: (name) => write(commands.stop(name), async () => (await stateOf(name)) === "STOPPED"),
    modify: (name, change) =>
      write(commands.modify(name, change), async () => isAsWanted(await processor(change.name ?? name), change)),
    drop: (name) => write(commands.drop(name), async () => (await processor(name)) === undefined),
    createWorkspace: refuseWorkspace,
    updateWorkspace: refuseWorkspace,
    deleteWorkspace: refuseWorkspace,
    createConnection: refuse,
    updateConnection: refuse,
    deleteConnection: refuse,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Addresses without user and password. */
function hostsOf(client: MongoClient): string {
  return client.options.hosts.map(String).join(", ");
}
