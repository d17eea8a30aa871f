import { setTimeout as sleepFor } from "node:timers/promises";
import { fillInConnection } from "../../config/connections/fill-in-connection.ts";
import type { Environment } from "../../config/environment.ts";
import type { Variables } from "../../config/interpolate.ts";
import { loadCommandValues } from "../../config/load-command-values.ts";
import { urisOf } from "../../config/uris-of.ts";
import { AspError, isAspError } from "../../diagnostics/asp-error.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { openRemoteClusters } from "../clusters/open-remote-clusters.ts";
import { digestParts, digestRemote } from "../digest-remote.ts";
import type { PlanFile } from "../plan/plan-file.ts";
import type { Remote } from "../plan/remote.ts";
import { labelOf } from "../plan/step-label.ts";
import type { Step } from "../plan/step.ts";
import { readRemote } from "../read-remote.ts";
import type { Author } from "../record/author.ts";
import { noClaims } from "../record/claims.ts";
import type { DeployedStep } from "../record/history.ts";
import type { LockPace } from "../record/lock.ts";
import { openRecord, type DeployRecord } from "../record/open-record.ts";
import { recordSettings, resolveRecord, type RecordPlace } from "../record/resolve-record.ts";
import type { ConnectionSettings, Target } from "../targets/target.ts";
import { applySteps } from "./apply-steps.ts";
import type { ApplyContext } from "./apply-context.ts";
import { isMoved, toFailure, withNotes } from "./failures.ts";
import { usualPace, type Pace } from "./pace.ts";
import { createSlots } from "./slots.ts";
import type { StepResult } from "./step-result.ts";

export interface DeployOptions {
  readonly command: "deploy" | "destroy";
  readonly file: PlanFile;
  readonly environment: Environment;
  readonly env: Variables;
  /** Opened by the caller, who closes it; its requests end with `forced` and not with `stopping`. */
  readonly target: Target;
  readonly author: Author;
  /** Of asp. */
  readonly version: string;
  /** Aborted by the first Ctrl-C: what is under way comes to its end, and nothing else begins. */
  readonly stopping: AbortSignal;
  /** Aborted by the second one. */
  readonly forced: AbortSignal;
  readonly tell: (line: string) => void;
  readonly onEnd?: (result: StepResult) => void;
  readonly pace?: Pace;
  readonly lockPace?: LockPace;
}

export type DeployOutcome = "done" | "failed" | "interrupted";

export interface Deployed {
  readonly outcome: DeployOutcome;
  /** In the order of the steps. */
  readonly results: readonly StepResult[];
  /** What is wrong beside the steps: the lock, the record. */
  readonly findings: readonly Finding[];
}

/** As many as the limits of the service's API bear easily. */
const atOnce = 8;

/**
 * Does the steps of a plan in the workspace that it was made for.
 *
 * What is wrong before the first write (a variable that is not set) is among the findings, and then nothing was done.
 *
 * @throws AspError ASP6042 where the workspace is no more what the plan was made from, ASP6044 where another deployment is under way, ASP6049 for
 * the record, ASP6000 to ASP6009 for what the workspace refuses before the first write
 */
export async function deploy(
  options: DeployOptions,
): Promise<{ readonly deployed?: Deployed; readonly findings: readonly Finding[] }> {
  const { file, environment, forced } = options;
  const used = settingsOf(file.steps, environment);
  const { env, findings: failed } = await loadCommandValues(used, { env: options.env, signal: forced });
  if (failed.length > 0) return { findings: failed };
  const { place, findings: wrong } = resolveRecord(environment, env);
  const { connections, findings: unset } = fillIn(file.steps, env);
  const findings = [...wrong, ...unset];
  if (findings.length > 0) return { findings };
  await using clusters = openRemoteClusters(environment, { env, signal: forced });
  const opened: Opened = { connections, clusters };
  if (place === undefined) return { deployed: await applyPlan(options, opened), findings };
  await using record = openRecord(place, forced);
  return { deployed: await applyRecorded(options, opened, { record, place }), findings };
}

/** What the steps need beside the workspace. */
type Opened = Pick<ApplyContext, "connections" | "clusters">;

/** The parts of the config that the steps use, and the record. */
function settingsOf(steps: readonly Step[], environment: Environment): readonly unknown[] {
  const addressed = steps.flatMap((step) => ("cluster" in step ? [step.cluster] : []));
  return [
    recordSettings(environment),
    urisOf(environment, addressed),
    steps.map((step) => ("connection" in step && "settings" in step ? step.settings : undefined)),
  ];
}

/** Under the lock, and written down. */
async function applyRecorded(
  options: DeployOptions,
  opened: Opened,
  { record, place }: { readonly record: DeployRecord; readonly place: RecordPlace },
): Promise<Deployed> {
  const { command, author, version, environment } = options;
  const begin = { command, environment: environment.name, author, version };
  return underLock(options, { record, place }, (lost) =>
    applyPlan(options, opened, { record, lost, begin: () => record.begin(begin) }),
  );
}

async function underLock<Value>(
  { author, tell, stopping, lockPace }: Pick<DeployOptions, "author" | "tell" | "stopping" | "lockPace">,
  { record, place }: { readonly record: DeployRecord; readonly place: RecordPlace },
  work: (lost: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const holder = { owner: place.owner, host: author.host, by: author.user };
  const lock = await record.lock(holder, { tell, signal: stopping, ...lockPace });
  try {
    return await work(lock.lost);
  } finally {
    await lock.release();
  }
}

interface Recording {
  readonly record: DeployRecord;
  /** Aborted when another deployment may have the lock. */
  readonly lost: AbortSignal;
  readonly begin: () => ReturnType<DeployRecord["begin"]>;
}

async function applyPlan(options: DeployOptions, opened: Opened, recording?: Recording): Promise<Deployed> {
  const { file, environment, target, stopping, forced, tell, onEnd, pace = usualPace } = options;
  const expected = await readRemote(target, {
    mayBeMissing: file.steps.some(({ kind }) => kind === "create-workspace"),
  });
  checkDigest(file, expected, target.label);
  stopping.throwIfAborted();
  const sleep = (ms: number): Promise<void> => sleepFor(ms, undefined, { signal: forced });
  const history = await recording?.begin();
  const halted = new AbortController();
  const halt = (): void => halted.abort();
  const noMore = AbortSignal.any([stopping, halted.signal, ...(recording ? [recording.lost] : [])]);
  // Somebody else is at work there.
  const onFailure = (error: unknown): void => {
    if (isMoved(error)) halt();
  };
  const results = await applySteps(
    file.steps,
    {
      target,
      environment,
      expected,
      ...tierOf(file.steps, expected),
      ...opened,
      claims: recording?.record.claims ?? noClaims,
      pace,
      slots: createSlots({ atOnce, firstAlone: recording === undefined, stopping: noMore, onFailure }),
      stopping: noMore,
      forced,
      sleep,
      pause: (ms) => sleepUnless(ms, noMore, sleep),
      tell,
    },
    { halt, ...(onEnd && { onEnd }) },
  );
  const isOver = results.every(({ outcome }) => outcome === "done" || outcome === "unchanged");
  const outcome = stopping.aborted ? "interrupted" : isOver ? "done" : "failed";
  const lost = toFailure(recording?.lost.reason, undefined)?.finding;
  const findings = lost === undefined ? [] : [withNotes(lost, [nothingElse])];
  try {
    await forget(recording, results, expected);
    await history?.end(outcome, results.map(toDeployedStep));
  } catch (error) {
    // What was done is told in any case.
    const failure = toFailure(error, undefined);
    if (failure === undefined && !forced.aborted) throw error;
    findings.push(...(failure === undefined ? [] : [failure.finding]));
  }
  return { outcome: findings.length > 0 && outcome === "done" ? "failed" : outcome, results, findings };
}

function tierOf(steps: readonly Step[], { defaults }: Remote): Pick<ApplyContext, "ownTier"> {
  const after = steps.find((step) => step.kind === "edit-workspace")?.change.tier;
  return after === undefined ? {} : { ownTier: { before: defaults.tier, after } };
}

const nothingElse = "what was under way came to its end, and nothing else was begun";

/** Sleeps until something is to end; where that is so already, as long as ever. */
async function sleepUnless(ms: number, ending: AbortSignal, sleep: (ms: number) => Promise<void>): Promise<void> {
  if (ending.aborted) return sleep(ms);
  let wake = (): void => undefined;
  const woken = new Promise<void>((resolve) => {
    wake = resolve;
  });
  ending.addEventListener("abort", wake, { once: true });
  try {
    await Promise.race([sleep(ms), woken]);
  } finally {
    ending.removeEventListener("abort", wake);
  }
}

/** @throws AspError ASP6042 */
function checkDigest({ digest, parts, scope }: PlanFile, remote: Remote, label: string): void {
  if (digestRemote(remote, scope) === digest) return;
  const now = digestParts(remote, scope);
  const moved = Object.keys(now).filter((part) => now[part] !== parts[part]);
  const what = moved.length === 0 ? "something" : moved.join(", ");
  throw new AspError("ASP6042", `${label} is no more what the plan was made from: ${what} has changed`, {
    help: "plan again",
  });
}

/** Secrets from the variables, before anything is written. */
function fillIn(
  steps: readonly Step[],
  env: Variables,
): { readonly connections: ApplyContext["connections"]; readonly findings: readonly Finding[] } {
  const connections = new Map<string, ConnectionSettings>();
  const findings: Finding[] = [];
  for (const step of steps) {
    if (step.kind !== "create-connection" && step.kind !== "edit-connection") continue;
    const filled = fillInConnection(step.settings, env);
    findings.push(...filled.findings);
    connections.set(step.connection, filled.value);
  }
  return { connections, findings };
}

/**
 * The same where a plan has nothing to do. Another deployment that is under way, or a record that cannot be reached, is no reason to fail: the
 * next one does it.
 */
export async function takeBackClaims(
  options: Omit<DeployOptions, "command" | "file" | "version" | "onEnd">,
): Promise<void> {
  const { environment, env, target, forced } = options;
  const { place } = resolveRecord(environment, env);
  if (place === undefined) return;
  try {
    await using record = openRecord(place, forced);
    await underLock(options, { record, place }, async (lost) => {
      await forget({ record, lost }, [], await readRemote(target));
    });
  } catch (error) {
    if (!isAspError(error)) throw error;
  }
}

/**
 * Claims on nothing, as a crash may leave them: whoever makes a processor of that name is not to lose it to a later `--prune`. A name that
 * this deployment was about is left alone.
 */
async function forget(
  recording: Pick<Recording, "record" | "lost"> | undefined,
  results: readonly StepResult[],
  { processors }: Remote,
): Promise<void> {
  if (recording === undefined || recording.lost.aborted) return;
  const { record } = recording;
  const ownership = await record.ownership();
  if (ownership.kind === "unrecorded") return;
  const known = new Set([
    ...processors.map(({ name }) => name),
    ...results.flatMap(({ step }) => ("name" in step ? [step.name] : [])),
  ]);
  for (const name of ownership.own) if (!known.has(name)) await record.claims.release(name);
}

function toDeployedStep({ step, outcome, seconds, failure }: StepResult): DeployedStep {
  return {
    kind: step.kind,
    name: labelOf(step),
    outcome,
    seconds: Math.round(seconds * 1000) / 1000,
    ...(failure && { reason: failure.finding.message }),
  };
}
