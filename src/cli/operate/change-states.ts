import type { RemoteProcessor } from "../../deploy/plan/remote.ts";
import type { StartOptions } from "../../deploy/targets/target.ts";
import { isAspError } from "../../diagnostics/asp-error.ts";
import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { inLanes } from "../../engine/in-lanes.ts";
import type { CommandContext } from "../context.ts";
import { Exit } from "../exit.ts";
import { explainFailure } from "../explain-failure.ts";
import type { Outcome } from "../outcome.ts";
import type { StateReport } from "../render/operate-schemas.ts";
import { awaitState, type Awaited } from "./await-state.ts";
import { unknownAmong } from "./no-such-processor.ts";
import { withoutResult } from "../without-result.ts";
import type { Workspace } from "./open-workspace.ts";

/** Documented in docs/errors/ASP6073.md. */
export const processorFailed = defineFinding<{ name: string; state: string; reason: string }>("ASP6073", {
  severity: "error",
  message: ({ name, state }) => `\`${name}\` is ${state}`,
  notes: ({ reason }) => [reason],
  help: ({ name }) => `correct what it says, then run \`asp start ${name}\` again; \`asp logs ${name}\` may say more`,
});

/** Documented in docs/errors/ASP6074.md. */
export const stateNotReached = defineFinding<{ name: string; state: string; wanted: string; seconds: number }>(
  "ASP6074",
  {
    severity: "error",
    message: ({ name, state, wanted, seconds }) => `\`${name}\` is ${state} after ${seconds} s, and not yet ${wanted}`,
    help: ({ name }) => `look at it with \`asp status ${name} --watch\`, or wait longer with \`--timeout\``,
  },
);

/** Documented in docs/errors/ASP6075.md. */
export const runsAlready = defineFinding<{ name: string; option: string }>("ASP6075", {
  severity: "error",
  message: ({ name, option }) => `\`${name}\` runs already, and ${option} counts only when it starts`,
  help: ({ name }) => `run \`asp stop ${name}\` first`,
});

export interface StateChange {
  readonly names: readonly string[];
  readonly wanted: "STARTED" | "STOPPED";
  readonly start?: StartOptions;
  readonly timeoutSeconds: number;
}

/** What became of one processor. */
interface Changed {
  readonly name: string;
  readonly before: string;
  readonly state: string;
  readonly finding?: Finding;
}

const changesAtOnce = 8;
/** A processor that cannot read its source is STARTED for a moment. */
const steadyMs = 2000;

/**
 * Starts or stops processors and waits until they are so. A name that is not there stops it before anything is done; one that fails holds
 * up no other.
 */
export async function changeStates(
  workspace: Workspace,
  { names, wanted, start = {}, timeoutSeconds }: StateChange,
  ctx: CommandContext,
): Promise<Outcome> {
  const { environment, target } = workspace;
  const processors = await target.processors();
  const known = processors.map(({ name }) => name);
  const unknown = unknownAmong(names, known, workspace);
  if (unknown.length > 0) return withoutResult(unknown);

  const isStart = wanted === "STARTED";
  const change = async ({ name, state: before }: RemoteProcessor): Promise<Changed> => {
    const isThere = isStart ? before === "STARTED" : !mayRun(before);
    if (isThere) {
      const [option] = Object.keys(start);
      const finding = option === undefined ? {} : { finding: runsAlready({}, { name, option: flagOf(option) }) };
      return { name, before, state: before, ...finding };
    }
    try {
      ctx.progress(`${isStart ? "starting" : "stopping"} ${name}`);
      await (isStart ? target.start(name, start) : target.stop(name));
      const options = { state: wanted, steadyMs: isStart ? steadyMs : 0, timeoutMs: timeoutSeconds * 1000 };
      const awaited = await awaitState(target, name, { ...options, signal: ctx.signal });
      const finding = toFinding(name, awaited, { wanted, timeoutSeconds });
      return { name, before, state: awaited.state, ...(finding && { finding }) };
    } catch (error) {
      ctx.signal.throwIfAborted();
      if (!isAspError(error)) throw error;
      const { finding } = explainFailure(error, ctx);
      return { name, before, state: before, finding: { ...finding, processor: name } };
    }
  };
  const asked = processors.filter(({ name }) => names.includes(name));
  const ordered = [...new Set(names)].flatMap((name) => asked.filter((each) => each.name === name));
  const changed = await inLanes(ordered, { count: changesAtOnce }, change);

  const findings = changed.flatMap(({ finding }) => finding ?? []);
  const isOurs = findings.some(({ code }) => code === runsAlready.code);
  return {
    text: changed
      .filter(({ finding }) => finding === undefined)
      .map(renderChanged)
      .join("\n"),
    json: toReport(environment.name, target.label, changed),
    findings,
    exit: findings.length === 0 ? Exit.ok : isOurs ? Exit.invalid : Exit.refused,
  };
}

/** What is on its way may come to run. */
function mayRun(state: string): boolean {
  return state !== "STOPPED" && state !== "CREATED" && state !== "FAILED";
}

function toFinding(
  name: string,
  awaited: Awaited,
  { wanted, timeoutSeconds }: Pick<StateChange, "wanted" | "timeoutSeconds">,
): Finding | undefined {
  switch (awaited.kind) {
    case "reached":
      return undefined;
    case "failed":
      return processorFailed({}, { name, state: awaited.state, reason: awaited.reason });
    case "late":
      return stateNotReached({}, { name, state: awaited.state, wanted, seconds: timeoutSeconds });
  }
}

function flagOf(option: string): string {
  return option === "resumeFromCheckpoint" ? "`--no-resume`" : `\`--${option}\``;
}

function renderChanged({ name, before, state }: Changed): string {
  return before === state ? `${name} is ${state} already` : `${name} is ${state}, was ${before}`;
}

function toReport(environment: string, target: string, changed: readonly Changed[]): StateReport {
  return {
    environment,
    target,
    processors: changed.map(({ name, before, state, finding }) => ({
      name,
      before,
      state,
      ok: finding === undefined,
      ...(finding && { code: finding.code, message: [finding.message, ...(finding.notes ?? [])].join(": ") }),
    })),
  };
}
