import { ObjectId } from "bson";
import type { EngineOptions } from "../../engine/engine.ts";
import { createProcessorStates } from "../../engine/processor-state.ts";
import type { Definition } from "../../stages/definition.ts";
import { checkDefinition } from "./check-definition.ts";
import { createMember, type Member, type MemberParts } from "./member.ts";
import { startProcess, temporaryName, type Process } from "./process.ts";
import { openProcessorRegistry } from "./processor-registry.ts";
import type { ProcessorRecord } from "./processor-record.ts";
import { alreadyExists, definitionRefused, noSuchProcessor } from "./refusals.ts";
import { selectDocuments } from "./select-documents.ts";
import { noCounts } from "./stats-reply.ts";
import type { Workspace, WorkspaceOptions } from "./workspace-types.ts";

const countsIntervalMs = 1000;

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
  const registry = await openProcessorRegistry(options.checkpoints);
  const states = createProcessorStates(options.checkpoints);
  const members: Member[] = [];
  const processes = new Set<Process>();

  const find = (name: string): Member | undefined => members.find((member) => member.name === name);
  const demand = (name: string): Member => {
    const found = find(name);
    if (found === undefined) throw noSuchProcessor(name);
    return found;
  };

  const check = (definition: Definition, { needsSink }: { readonly needsSink: boolean }): void => {
    const findings = checkDefinition(definition, options.environment, { needsSink });
    if (findings.length > 0) throw definitionRefused(definition.name, findings);
  };
  const checkNamed: MemberParts["check"] = (definition, own) => {
    check(definition, { needsSink: true });
    if (definition.name !== own && find(definition.name) !== undefined) throw alreadyExists(definition.name);
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
      onDropped: () => void members.splice(members.indexOf(member), 1),
    });
    members.push(member);
    return member;
  };

  // What ran for somebody who looked at it left nothing but this.
  for (const name of await states.named(temporaryName)) await states.drop(name);
  for (const record of await registry.load()) add(record);
  await Promise.all([...members].map((member) => member.recover()));

  let isKeeping = false;
  const timer = setInterval(() => {
    if (isKeeping) return;
    isKeeping = true;
    const keeping = Promise.all(members.map((member) => member.keepCounts()));
    void keeping
      .catch(() => undefined)
      .finally(() => {
        isKeeping = false;
      });
  }, countsIntervalMs);
  timer.unref();

  const end = async (how: "close" | "kill"): Promise<void> => {
    clearInterval(timer);
    await Promise.all([...processes].map((process) => process.close()));
    await Promise.all([...members].map((member) => member[how]()));
  };
  let ending: Promise<void> | undefined;
  const close = (): Promise<void> => (ending ??= end("close"));

  return {
    name: workspaceName,
    defaults: tiers,
    create: async (definition) => {
      checkNamed(definition, "");
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
    get: (name) => demand(name).info(),
    stats: async (name, wanted = {}) => demand(name).stats(wanted),
    sample: (name, { limit } = {}) => demand(name).sample(limit),
    process: async (pipeline, own = {}) => {
      const definition = { name: `${temporaryName}${new ObjectId().toHexString()}`, pipeline, options: own };
      check(definition, { needsSink: false });
      const process = await startProcess(definition, { engineOptions, workspaceName, states, clock });
      processes.add(process);
      void process.ended.then(() => processes.delete(process));
      return process;
    },
    select: (documents, query) => selectDocuments(options.checkpoints.cluster.client, documents, query),
    caughtUp: async () => {
      await Promise.all(members.map((member) => member.caughtUp()));
    },
    close,
    kill: () => (ending ??= end("kill")),
    [Symbol.asyncDispose]: close,
  };
}

/** A clock is handed on only where there is one: the engine asks whether it can wait for time to pass. */
function engineOptionsOf(options: WorkspaceOptions): EngineOptions {
  const { cluster, checkpoints, connections, checkpointIntervalMs, now, clock } = options;
  return {
    cluster,
    checkpoints,
    ...(connections && { connections }),
    ...(checkpointIntervalMs === undefined ? {} : { checkpointIntervalMs }),
    ...(now && { now }),
    ...(clock && { clock }),
  };
}
