import { isDeepStrictEqual } from "node:util";
import type { Document } from "bson";
import { explainModify, type ModifyEffect } from "../../compiler/explain-modify.ts";
import { explainTier, stateLimitOf } from "../../compiler/explain-tier.ts";
import type { AspError } from "../../diagnostics/asp-error.ts";
import type { EngineOptions } from "../../engine/engine.ts";
import { stopWithinMs } from "../../engine/processor.ts";
import type { ProcessorStates } from "../../engine/processor-state.ts";
import { within } from "../../engine/within.ts";
import type { Definition } from "../../stages/definition.ts";
import { icebergTablesOf, tierNames, type TierName } from "../../stages/tiers.ts";
import { changeRecord } from "./change-record.ts";
import { whyRefused, type Command } from "./life-cycle.ts";
import type { Counted, ProcessorRegistry } from "./processor-registry.ts";
import { definitionOf, type ProcessorRecord } from "./processor-record.ts";
import { createRecordKeeper } from "./record-keeper.ts";
import { changeRefused, noSuchProcessor, optionRefused, tierRefused, wireCodeOf, wrongState } from "./refusals.ts";
import { startRun, type Run } from "./run-processor.ts";
import type { Sampler } from "./sampler.ts";
import { createSamplers } from "./samplers.ts";
import { readStartOptions, type StartOptions } from "./start-options.ts";
import { addCounts, toStatsReply, type Counts, type StatsOptions } from "./stats-reply.ts";
import { toInfo } from "./processor-info.ts";
import type { ModifyOptions, ProcessorInfo, WorkspaceOptions } from "./workspace-types.ts";

/** One processor of a workspace. Commands run one after the other; one that mongod refuses on the way can be given again. */
export interface Member {
  readonly name: string;
  /** Whether a name is its own, or was and what it kept may still bear it. */
  owns(name: string): boolean;
  info(): ProcessorInfo;
  start(options: StartOptions): Promise<void>;
  stop(): Promise<void>;
  modify(options: ModifyOptions): Promise<ModifyEffect>;
  drop(): Promise<void>;
  stats(options: StatsOptions): Promise<Document>;
  sample(limit: number | undefined): Sampler;
  caughtUp(): Promise<void>;
  /** Where the clock stands still until it is moved: its windows and schedules look at it. */
  lookAtClock(): Promise<void>;
  /** Finishes what a crash interrupted, and goes on where it was STARTED. */
  recover(): Promise<void>;
  /** Looks after what goes by time, lets go of samples that nobody asks for; gives what has been counted since the last time, to be kept. */
  tick(): Promise<Counted | undefined>;
  /** The workspace is closed: it stops, and stays STARTED in its record. Takes a few seconds at most, also where mongod does not answer. */
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
  readonly check: (definition: Definition, own: Member) => void;
  /** @throws AspError where the workspace is closed */
  readonly demandOpen: () => void;
  readonly onDropped: () => void;
}

/** How long the state of a processor that was stopped is kept. Source: asp-language section 6. */
const keptForMs = 45 * 24 * 60 * 60 * 1000;

export function createMember(first: ProcessorRecord, parts: MemberParts): Member {
  const { registry, states, options, workspaceName, tiers, now, clock, demandOpen } = parts;
  const samplers = createSamplers(workspaceName, clock);
  const keeper = createRecordKeeper(first, {
    registry,
    now,
    onState: (change) => {
      if (change.to !== "STARTED") samplers.end();
      options.onState?.(change);
    },
  });
  const { keep, pass } = keeper;
  let run: Run | undefined;
  /** The run that is coming to its end. */
  let leaving: Run | undefined;
  let isDropped = false;
  /** At the last tick. */
  let counted: Counts = first.counts;
  let queue: Promise<unknown> = Promise.resolve();

  const name = (): string => keeper.record.name;
  const tierOf = ({ tier, options: own }: ProcessorRecord): TierName => tier ?? own?.tier ?? tiers.tier;

  const demand = (command: Command): void => {
    demandOpen();
    if (isDropped) throw noSuchProcessor(name());
    const reason = whyRefused(command, keeper.state);
    if (reason !== undefined) throw wrongState(name(), keeper.state, reason);
  };

  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = queue.then(work).finally(() => pass(undefined));
    queue = result.catch(() => undefined);
    return result;
  };

  /** Whatever a crash or a refusal has left half done of a change, before anything else is done. */
  const finish = async (): Promise<void> => {
    const { formerName, discard } = keeper.record;
    if (formerName !== undefined) await states.rename(formerName, name());
    if (discard === true) await states.drop(name());
    if (formerName !== undefined || discard === true) {
      await keep(({ formerName: _, discard: __, ...finished }) => finished);
    }
  };

  const onFailure = (error: AspError, willRetry: boolean): void => {
    const { code, message, help } = error;
    const server = wireCodeOf(code);
    const recorded = { code, message, ...(help === undefined ? {} : { help }), server, retried: willRetry };
    if (!willRetry) run = undefined;
    keeper.note((record) => ({ ...record, error: recorded, ...(willRetry ? {} : { state: "FAILED" }) }));
  };

  const onRunning = (): void => {
    if (keeper.record.error !== undefined) keeper.note(({ error: _, ...recovered }) => recovered);
  };

  const begin = async (): Promise<void> => {
    demandOpen();
    const { startAt } = keeper.record;
    const own = startRun({
      definition: definitionOf(keeper.record),
      options: {
        ...parts.engineOptions,
        // Who reads what a processor writes may start later.
        eachChange: true,
        mostStateBytes: stateLimitOf(tierOf(keeper.record)),
        mostIcebergTables: icebergTablesOf(tierOf(keeper.record)),
        onWritten: samplers.offer,
        ...(startAt && { startAt }),
      },
      pausesMs: options.retryPausesMs,
      onFailure,
      onRunning,
      onEnded: (details) => keeper.amend((record) => ({ ...record, counts: addCounts(record.counts, details) })),
    });
    run = own;
    await own.begun;
    await keeper.noted();
  };

  const leave = async (how: "stop" | "kill"): Promise<void> => {
    leaving = run ?? leaving;
    run = undefined;
    samplers.end();
    await leaving?.[how]();
    await keeper.noted();
  };

  const checkTier = (next: ProcessorRecord): void => {
    const tier = tierOf(next);
    if (tierNames.indexOf(tier) > tierNames.indexOf(tiers.maxTier)) {
      throw tierRefused(`Tier ${tier} is larger than ${tiers.maxTier}, the largest of this workspace`);
    }
    const { refusal } = explainTier(definitionOf(next), tier, options.environment);
    if (refusal !== undefined) throw tierRefused(refusal);
  };

  let parallel: { readonly pipeline: Definition["pipeline"]; readonly parallelism: number } | undefined;
  /** Of its stages alone: looked up once for each pipeline, since statistics are asked for again and again. */
  const parallelismNow = (definition: Definition, tier: TierName): number => {
    const { pipeline } = definition;
    if (parallel?.pipeline !== pipeline) {
      parallel = { pipeline, parallelism: explainTier(definition, tier, options.environment).parallelism };
    }
    return parallel.parallelism;
  };

  const start = async (given: StartOptions): Promise<void> => {
    demand("start");
    await finish();
    const { record } = keeper;
    const request = readStartOptions({ ...given }, (record.pipeline[0]?.["$source"] ?? {}) as Document);
    const { startAt: _, error: __, ...rest } = record;
    const { tier, autoscaling, startAt } = request;
    const next = { ...rest, ...(tier && { tier }), ...(autoscaling && { autoscaling }), ...(startAt && { startAt }) };
    checkTier(next);
    const isOld = record.state !== "CREATED" && now() - record.lastStateChange.getTime() > keptForMs;
    // What there is under the name of one that was never started is somebody else's.
    const discards = !request.resumeFromCheckpoint || isOld || record.state === "CREATED";
    if (startAt !== undefined && !discards && (await states.load(name())) !== undefined) {
      throw optionRefused(
        `\`${name()}\` has a checkpoint, and \`${Object.keys(startAt).join()}\` names another position`,
        "start with `resumeFromCheckpoint: false` as well, or leave the position out",
      );
    }
    pass("STARTING");
    if (discards) {
      await keep((before) => ({ ...before, discard: true }));
      await finish();
    }
    await keep(({ counts }) => ({ ...next, counts, state: "STARTED", hasStarted: true }));
    await begin();
  };

  const stop = async (): Promise<void> => {
    demand("stop");
    pass("STOPPING");
    await leave("stop");
    // It may have failed on the way.
    await keep(({ error, ...record }) =>
      record.state === "STARTED" ? { ...record, state: "STOPPED" } : { ...record, ...(error && { error }) },
    );
  };

  const modify = async (given: ModifyOptions): Promise<ModifyEffect> => {
    demand("modify");
    await finish();
    const { record } = keeper;
    const next = changeRecord(record, given, new Date(now()));
    const [before, after] = [definitionOf(record), definitionOf(next)];
    parts.check(after, member);
    const effect = explainModify(before, after, given);
    if (effect.effect === "refused") throw changeRefused(before.name, effect);
    await keep(() => ({
      ...next,
      ...(effect.effect === "discards" && { discard: true }),
      ...(after.name === before.name ? {} : { formerName: before.name }),
    }));
    await finish();
    return effect;
  };

  const finishDrop = async (): Promise<void> => {
    const { formerName } = keeper.record;
    if (formerName !== undefined) await states.drop(formerName);
    await states.drop(name());
    await registry.remove(keeper.record);
    isDropped = true;
    parts.onDropped();
    keeper.tell("DROPPING", "DROPPED");
  };

  const drop = async (): Promise<void> => {
    demand("drop");
    pass("DROPPING");
    await leave("kill");
    await keep((record) => ({ ...record, state: "DROPPING" }));
    await finishDrop();
  };

  const recover = async (): Promise<void> => {
    const { state } = keeper.record;
    if (state === "DROPPING") return finishDrop();
    await finish();
    if (state === "STARTED") await begin();
  };

  const member: Member = {
    get name() {
      return name();
    },
    owns: (one) => one === name() || one === keeper.record.formerName,
    info: () => toInfo(keeper.record, keeper.state, tierOf(keeper.record)),
    start: (given) => inTurn(() => start(given)),
    stop: () => inTurn(stop),
    modify: (given) => inTurn(() => modify(given)),
    drop: () => inTurn(drop),
    stats: async (wanted) => {
      const details = await run?.details();
      const { record } = keeper;
      const definition = definitionOf(record);
      const tier = tierOf(record);
      const parallelism = parallelismNow(definition, tier);
      const counts = addCounts(record.counts, details);
      const { autoscaling } = record;
      const processorId = record._id.toHexString();
      return toStatsReply(
        {
          workspaceName,
          processorId,
          definition,
          state: keeper.state,
          tier,
          autoscaling,
          parallelism,
          counts,
          details,
        },
        wanted,
      );
    },
    sample: (limit) => {
      demand("sample");
      return samplers.open(limit);
    },
    caughtUp: async () => {
      await run?.caughtUp();
    },
    lookAtClock: async () => {
      await run?.tick();
    },
    recover: () => inTurn(recover),
    tick: () =>
      inTurn(async () => {
        samplers.sweep();
        const own = run;
        const details = await own?.details({ countedOnly: true });
        if (isDropped) return undefined;
        await keeper.catchUp();
        if (details === undefined || run !== own) return undefined;
        const counts = addCounts(keeper.record.counts, details);
        if (isDeepStrictEqual(counts, counted)) return undefined;
        counted = counts;
        return { id: keeper.record._id, counts };
      }),
    close: async () => {
      // Cuts short a start that is under way.
      await leave("stop");
      await within(
        inTurn(async () => {
          if (!isDropped) await keep((record) => record);
        }),
        stopWithinMs,
      );
      keeper.seal();
    },
    kill: async () => {
      keeper.seal();
      await leave("kill");
    },
  };
  return member;
}
