import { ObjectId } from "bson";
import type { EngineOptions } from "../../engine/engine.ts";
import { createProcessorStates } from "../../engine/processor-state.ts";
import { stopWithinMs } from "../../engine/processor.ts";
import { shareOperationTime } from "../../engine/share-operation-time.ts";
import { within } from "../../engine/within.ts";
import type { AspError } from "../../diagnostics/asp-error.ts";
import type { Definition } from "../../stages/definition.ts";
import { checkDefinition } from "./check-definition.ts";
import { createMember, type Member } from "./member.ts";
import { startProcess, temporaryName, type Process } from "./process.ts";
import { openProcessorRegistry } from "./processor-registry.ts";
import type { ProcessorRecord } from "./processor-record.ts";
import { takeLease } from "./lease.ts";
import { alreadyExists, definitionRefused, noSuchProcessor, takenOver, workspaceClosed } from "./refusals.ts";
import { selectDocuments } from "./select-documents.ts";
import { noCounts } from "./stats-reply.ts";
import type { Workspace, WorkspaceOptions } from "./workspace-types.ts";

const tickMs = 1000;

/** Opens a workspace: finishes what a crash interrupted, and goes on with the processors that were STARTED. */
export async function createWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const { name: workspaceName = "local", now = Date.now } = options;
  const clock = options.clock ?? now;
  const tiers = {
    get tier() {
      return options.defaultTier ?? "SP10";
    },
    get maxTier() {
      return options.maxTier ?? "SP50";
    },
  };
  const engineOptions = engineOptionsOf(options);
  let closed: AspError | undefined;
  const demandOpen = (): void => {
    if (closed !== undefined) throw closed;
  };
  const lease = await takeLease(options.checkpoints, {
    onLost: (owner) => {
      closed ??= takenOver(workspaceName, owner);
      void end("kill");
    },
  });
  const registry = openProcessorRegistry(options.checkpoints);
  const states = createProcessorStates(options.checkpoints);
  const members: Member[] = [];
  const processes = new Map<Promise<Process>, Definition>();

  /** Who had a name when it was last asked for: a list of a hundred asks for each. */
  const lastFound = new Map<string, Member>();
  const find = (name: string): Member | undefined => {
    const last = lastFound.get(name);
    if (last?.name === name) return last;
    const found = members.find((member) => member.name === name);
    if (found !== undefined) lastFound.set(name, found);
    return found;
  };
  const demand = (name: string): Member => {
    const found = find(name);
    if (found === undefined) throw noSuchProcessor(name);
    return found;
  };

  const check = (definition: Definition, { needsSink }: { readonly needsSink: boolean }): void => {
    const findings = checkDefinition(definition, options.environment, { needsSink });
    if (findings.length > 0) throw definitionRefused(definition.name, findings);
  };
  const checkNamed = (definition: Definition, own: Member | undefined): void => {
    check(definition, { needsSink: true });
    const isTaken = members.some((member) => member !== own && member.owns(definition.name));
    if (isTaken) throw alreadyExists(definition.name);
  };

  const add = (record: ProcessorRecord): Member => {
    const member = createMember(record, {
      registry,
      states,
      options,
      engineOptions,
      workspaceName,
      tiers,
      now,
      clock,
      check: checkNamed,
      demandOpen,
      onDropped: () => {
        members.splice(members.indexOf(member), 1);
        lastFound.clear();
      },
    });
    members.push(member);
    return member;
  };

  let isTicking = false;
  const tick = (): void => {
    if (isTicking) return;
    isTicking = true;
    const ticking = async (): Promise<void> => {
      const counted = await Promise.all(members.map((member) => member.tick()));
      await registry.saveCounts(counted.filter((each) => each !== undefined));
    };
    void ticking()
      .catch(() => undefined)
      .finally(() => {
        isTicking = false;
      });
  };
  const timer = setInterval(tick, tickMs);
  timer.unref();

  /** Everything ends, and only then is told what could not. */
  const end = async (how: "close" | "kill"): Promise<void> => {
    clearInterval(timer);
    const closeProcess = async (starting: Promise<Process>): Promise<void> => {
      const process = await starting.catch(() => undefined);
      await process?.close();
    };
    const results = await Promise.allSettled([
      ...[...processes.keys()].map((starting) => within(closeProcess(starting), stopWithinMs)),
      ...members.map((member) => member[how]()),
    ]);
    await lease.release();
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  };
  let closing: Promise<void> | undefined;
  let killing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= workspaceClosed(workspaceName);
    return killing ?? (closing ??= end("close"));
  };
  // Also in the middle of a close, which it cuts short.
  const kill = (): Promise<void> => {
    closed ??= workspaceClosed(workspaceName);
    return (killing ??= end("kill"));
  };

  try {
    await registry.prepare();
    const records = await registry.load();
    // What ran for somebody who looked at it left nothing but this.
    const isOwned = new Set(records.flatMap(({ name, formerName }) => [name, formerName]));
    const left = await states.named(temporaryName);
    for (const name of left) if (!isOwned.has(name)) await states.drop(name);
    for (const record of records) add(record);
    await Promise.all([...members].map((member) => member.recover()));
  } catch (error) {
    await kill().catch(() => undefined);
    throw error;
  }

  return {
    name: workspaceName,
    defaults: tiers,
    create: async (definition) => {
      demandOpen();
      checkNamed(definition, undefined);
      const { name, pipeline, options: own } = definition;
      const at = new Date(now());
      const record: ProcessorRecord = {
        _id: new ObjectId(),
        name,
        pipeline,
        ...(own && { options: own }),
        state: "CREATED",
        hasStarted: false,
        pipelineVersion: 1,
        lastModified: at,
        lastStateChange: at,
        counts: noCounts,
      };
      await registry.save(record);
      const member = add(record);
      options.onState?.({ name, from: undefined, to: "CREATED" });
      return member.info();
    },
    start: async (name, given = {}) => {
      const member = demand(name);
      await member.start(given);
      return member.info();
    },
    stop: async (name) => {
      const member = demand(name);
      await member.stop();
      return member.info();
    },
    modify: async (name, given) => {
      const member = demand(name);
      const effect = await member.modify(given);
      return { ...member.info(), effect };
    },
    drop: async (name) => demand(name).drop(),
    list: () => members.map((member) => member.info()),
    temporary: () => [...processes.values()],
    get: (name) => demand(name).info(),
    stats: async (name, wanted = {}) => demand(name).stats(wanted),
    sample: (name, { limit } = {}) => demand(name).sample(limit),
    process: async (pipeline, own = {}) => {
      const definition = { name: `${temporaryName}${new ObjectId().toHexString()}`, pipeline, options: own };
      check(definition, { needsSink: false });
      demandOpen();
      const starting = startProcess(definition, { engineOptions, workspaceName, states, clock });
      processes.set(starting, definition);
      const forget = (): void => void processes.delete(starting);
      starting.then((process) => process.ended.then(forget), forget);
      const process = await starting;
      // Whoever closed the workspace may not have waited for it.
      if (closed !== undefined) await process.close();
      demandOpen();
      return process;
    },
    select: (documents, query) => selectDocuments(options.checkpoints.cluster.client, documents, query),
    caughtUp: async () => {
      await Promise.all(members.map((member) => member.caughtUp()));
    },
    tick: async () => {
      await Promise.all(members.map((member) => member.lookAtClock()));
    },
    close,
    kill,
    [Symbol.asyncDispose]: close,
  };
}

/** A clock is handed on only where there is one: the engine asks whether it can wait for time to pass. */
function engineOptionsOf(options: WorkspaceOptions): EngineOptions {
  const { cluster, checkpoints, connections, checkpointIntervalMs, now, clock, timeOf } = options;
  return {
    cluster,
    checkpoints,
    newestTime: shareOperationTime(),
    ...(connections && { connections }),
    ...(checkpointIntervalMs === undefined ? {} : { checkpointIntervalMs }),
    ...(now && { now }),
    ...(clock && { clock }),
    ...(timeOf && { timeOf }),
  };
}
