import type { Document } from "bson";
import { explainModify, type ModifyEffect } from "../../compiler/explain-modify.ts";
import { explainTier, stateLimitOf } from "../../compiler/explain-tier.ts";
import type { AspError } from "../../diagnostics/asp-error.ts";
import type { EngineOptions } from "../../engine/engine.ts";
import type { ProcessorStates } from "../../engine/processor-state.ts";
import type { Definition } from "../../stages/definition.ts";
import { tierNames, type TierName } from "../../stages/tiers.ts";
import { changeRecord } from "./change-record.ts";
import { whyRefused, type Command, type WorkspaceState } from "./life-cycle.ts";
import type { ProcessorRegistry } from "./processor-registry.ts";
import { definitionOf, type ProcessorRecord } from "./processor-record.ts";
import { changeRefused, optionRefused, tierRefused, wireCodeOf, wrongState } from "./refusals.ts";
import { startRun, type Run } from "./run-processor.ts";
import { createSampler, type Sampler } from "./sampler.ts";
import { readStartOptions, type StartOptions } from "./start-options.ts";
import { addCounts, toStatsReply, type StatsOptions } from "./stats-reply.ts";
import type { ModifyOptions, ProcessorInfo, StateChange, WorkspaceOptions } from "./workspace-types.ts";

/** One processor of a workspace. Commands run one after the other. */
export interface Member {
  readonly name: string;
  info(): ProcessorInfo;
  start(options: StartOptions): Promise<void>;
  stop(): Promise<void>;
  modify(options: ModifyOptions): Promise<ModifyEffect>;
  drop(): Promise<void>;
  stats(options: StatsOptions): Promise<Document>;
  sample(limit: number | undefined): Sampler;
  caughtUp(): Promise<void>;
  /** Finishes what a crash interrupted, and goes on where it was STARTED. */
  recover(): Promise<void>;
  /** Keeps what its present run has counted so far. */
  keepCounts(): Promise<void>;
  /** The workspace is closed: it stops, and stays STARTED in its record. */
  close(): Promise<void>;
  kill(): Promise<void>;
}

export interface MemberParts {
  readonly registry: ProcessorRegistry;
  readonly states: ProcessorStates;
  readonly options: WorkspaceOptions;
  readonly engineOptions: EngineOptions;
  readonly workspaceName: string;
  readonly tiers: { readonly tier: TierName; readonly maxTier: TierName };
  readonly now: () => number;
  readonly clock: () => number;
  /** @throws AspError for a definition that is refused, or where another processor has its name */
  readonly check: (definition: Definition, own: string) => void;
  readonly onDropped: () => void;
}

/** How long the state of a processor that was stopped is kept. Source: asp-language section 6. */
const keptForMs = 45 * 24 * 60 * 60 * 1000;

export function createMember(first: ProcessorRecord, parts: MemberParts): Member {
  const { registry, states, options, workspaceName, tiers, now, clock } = parts;
  const samplers = new Set<Sampler>();
  let record = first;
  /** Under way: what the record does not know. */
  let passing: WorkspaceState | undefined;
  let run: Run | undefined;
  let isDropped = false;
  let queue: Promise<unknown> = Promise.resolve();
  /** What a run has said of itself is kept while it goes on. */
  let noted: Promise<void> = Promise.resolve();

  const state = (): WorkspaceState => passing ?? record.state;
  const tierOf = ({ tier, options: own }: ProcessorRecord): TierName => tier ?? own?.tier ?? tiers.tier;

  const inTurn = <Result>(command: () => Promise<Result>): Promise<Result> => {
    const result = queue.then(command);
    queue = result.catch(() => undefined);
    return result;
  };

  const demand = (command: Command): void => {
    const reason = whyRefused(command, state());
    if (reason !== undefined) throw wrongState(record.name, state(), reason);
  };

  const tell = (from: WorkspaceState | undefined, to: StateChange["to"]): void => {
    const { name, error } = record;
    if (from !== to) options.onState?.({ name, from, to, ...(error && { error }) });
  };

  const pass = (through: WorkspaceState | undefined): void => {
    const from = state();
    passing = through;
    tell(from, state());
  };

  /** Keeps a record and only then shows it; `through` is what still goes on. */
  const keep = async (next: ProcessorRecord, through?: WorkspaceState): Promise<void> => {
    const from = state();
    const kept = next.state === record.state ? next : { ...next, lastStateChange: new Date(now()) };
    await registry.save(kept);
    record = kept;
    passing = through;
    tell(from, state());
  };

  const giveUpState = async (): Promise<void> => {
    await states.drop(record.name);
    const { discard: _, ...kept } = record;
    await keep(kept, passing);
  };

  const endSamplers = (): void => {
    for (const sampler of samplers) sampler.end();
    samplers.clear();
  };

  const note = (work: () => Promise<void>): void => {
    // Where the record cannot be kept, the processor goes on as long as its own writes succeed.
    noted = noted.then(work).catch(() => undefined);
  };

  const onFailure = (error: AspError, willRetry: boolean): void => {
    const { code, message, help } = error;
    const server = wireCodeOf(code);
    const recorded = { code, message, ...(help === undefined ? {} : { help }), server, retried: willRetry };
    if (!willRetry) {
      run = undefined;
      endSamplers();
    }
    note(async () => {
      const failed = { ...record, error: recorded };
      await (willRetry ? keep(failed, passing) : keep({ ...failed, state: "FAILED" }));
    });
  };

  const onRunning = (): void => {
    if (record.error === undefined) return;
    note(async () => {
      const { error: _, ...recovered } = record;
      await keep(recovered, passing);
    });
  };

  const begin = async (): Promise<void> => {
    const own = startRun({
      definition: definitionOf(record),
      options: {
        ...parts.engineOptions,
        // Who reads what a processor writes may start later.
        eachChange: true,
        mostStateBytes: stateLimitOf(tierOf(record)),
        onWritten: (written) => {
          for (const sampler of samplers) {
            void sampler.offer(written);
            if (sampler.isOver) samplers.delete(sampler);
          }
          return undefined;
        },
        ...(record.startAt && { startAt: record.startAt }),
      },
      pausesMs: options.retryPausesMs,
      onFailure,
      onRunning,
      onEnded: (details) => {
        record = { ...record, counts: addCounts(record.counts, details) };
      },
    });
    run = own;
    await own.begun;
    await noted;
  };

  const leave = async (how: "stop" | "kill"): Promise<void> => {
    const own = run;
    run = undefined;
    endSamplers();
    await own?.[how]();
    await noted;
  };

  const checkTier = (next: ProcessorRecord): void => {
    const tier = tierOf(next);
    if (tierNames.indexOf(tier) > tierNames.indexOf(tiers.maxTier)) {
      throw tierRefused(`Tier ${tier} is larger than ${tiers.maxTier}, the largest of this workspace`);
    }
    const { refusal } = explainTier(definitionOf(next), tier, options.environment);
    if (refusal !== undefined) throw tierRefused(refusal);
  };

  const start = async (given: StartOptions): Promise<void> => {
    demand("start");
    const request = readStartOptions({ ...given }, (record.pipeline[0]?.["$source"] ?? {}) as Document);
    const { startAt: _, error: __, ...rest } = record;
    const { tier, autoscaling, startAt } = request;
    const next = { ...rest, ...(tier && { tier }), ...(autoscaling && { autoscaling }), ...(startAt && { startAt }) };
    checkTier(next);
    const isOld = record.state !== "CREATED" && now() - record.lastStateChange.getTime() > keptForMs;
    const discards = !request.resumeFromCheckpoint || isOld;
    if (startAt !== undefined && !discards && (await states.load(record.name)) !== undefined) {
      throw optionRefused(
        `\`${record.name}\` has a checkpoint, and \`${Object.keys(startAt).join()}\` names another position`,
        "start with `resumeFromCheckpoint: false` as well, or leave the position out",
      );
    }
    await keep({ ...next, state: "STARTED", hasStarted: true, ...(discards && { discard: true }) }, "STARTING");
    if (discards) await giveUpState();
    await begin();
    if (passing === "STARTING") pass(undefined);
  };

  const stop = async (): Promise<void> => {
    demand("stop");
    pass("STOPPING");
    await leave("stop");
    const { error: _, ...kept } = record;
    if (record.state === "STARTED") await keep({ ...kept, state: "STOPPED" });
  };

  const modify = async (given: ModifyOptions): Promise<ModifyEffect> => {
    demand("modify");
    const next = changeRecord(record, given, new Date(now()));
    const [before, after] = [definitionOf(record), definitionOf(next)];
    parts.check(after, before.name);
    const effect = explainModify(before, after, given);
    if (effect.effect === "refused") throw changeRefused(before.name, effect);
    if (effect.effect === "discards") {
      await keep({ ...record, discard: true });
      await giveUpState();
    }
    if (after.name === before.name) await keep(next);
    else {
      await keep({ ...next, formerName: before.name });
      await finishRename();
    }
    return effect;
  };

  const finishRename = async (): Promise<void> => {
    const { formerName, ...kept } = record;
    if (formerName !== undefined) await states.rename(formerName, record.name);
    await keep(kept);
  };

  const finishDrop = async (): Promise<void> => {
    await states.drop(record.name);
    await registry.remove(record);
    isDropped = true;
    parts.onDropped();
    tell("DROPPING", "DROPPED");
  };

  const drop = async (): Promise<void> => {
    demand("drop");
    pass("DROPPING");
    await leave("kill");
    await keep({ ...record, state: "DROPPING" });
    await finishDrop();
  };

  const recover = async (): Promise<void> => {
    if (record.state === "DROPPING") return finishDrop();
    if (record.discard === true) await giveUpState();
    if (record.formerName !== undefined) await finishRename();
    if (record.state === "STARTED") await begin();
  };

  return {
    get name() {
      return record.name;
    },
    info: () => {
      const { _id, name, pipeline, hasStarted, pipelineVersion, lastModified, lastStateChange } = record;
      const { options: own, autoscaling, error } = record;
      return {
        id: _id.toHexString(),
        name,
        pipeline,
        ...(own && { options: own }),
        state: state(),
        tier: tierOf(record),
        ...(autoscaling && { autoscaling }),
        hasStarted,
        pipelineVersion,
        lastModified,
        lastStateChange,
        ...(error && { error }),
      };
    },
    start: (given) => inTurn(() => start(given)),
    stop: () => inTurn(stop),
    modify: (given) => inTurn(() => modify(given)),
    drop: () => inTurn(drop),
    stats: async (wanted) => {
      const details = await run?.details();
      const definition = definitionOf(record);
      const tier = tierOf(record);
      const { parallelism } = explainTier(definition, tier, options.environment);
      const counts = addCounts(record.counts, details);
      const { autoscaling } = record;
      const processorId = record._id.toHexString();
      return toStatsReply(
        { workspaceName, processorId, definition, state: state(), tier, autoscaling, parallelism, counts, details },
        wanted,
      );
    },
    sample: (limit) => {
      demand("sample");
      const sampler = createSampler({
        workspaceName,
        waits: false,
        now: clock,
        ...(limit === undefined ? {} : { limit }),
      });
      samplers.add(sampler);
      return sampler;
    },
    caughtUp: async () => {
      await run?.caughtUp();
    },
    recover: () => inTurn(recover),
    keepCounts: () =>
      inTurn(async () => {
        const own = run;
        const details = await own?.details({ countedOnly: true });
        if (details === undefined || run !== own || isDropped) return;
        await registry.saveCounts(record, addCounts(record.counts, details));
      }),
    close: () =>
      inTurn(async () => {
        if (isDropped) return;
        await leave("stop");
        await registry.save(record);
      }),
    kill: () => leave("kill"),
  };
}
