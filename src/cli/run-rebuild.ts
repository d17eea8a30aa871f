import { checkPhase, isDone, type RebuildGoal } from "../deploy/rebuild/check-phase.ts";
import { nameTaken } from "../deploy/rebuild/check-rebuild.ts";
import type { Comparison } from "../deploy/rebuild/compare-versions.ts";
import { hasCollection } from "../deploy/rebuild/prepare-version.ts";
import {
  begin,
  build,
  catchUp,
  compare,
  dropVersion,
  rollBack,
  swap,
  type RebuildParts,
} from "../deploy/rebuild/rebuild.ts";
import type { RebuildRecord } from "../deploy/rebuild/rebuild-record.ts";
import type { Finding } from "../diagnostics/finding.ts";

/** What a rebuild has come to. */
export interface RebuildResult {
  readonly outcome: "built" | "swapped" | "rolled-back" | "old-dropped" | "aborted" | "declined";
  /** An earlier run had done it: nothing was done. */
  readonly wasDone: boolean;
  /** Stored events that were read, and those that could not be applied. */
  readonly events?: { readonly read: number; readonly skipped: number };
  /** Undefined where there is no live collection, or nothing was compared. */
  readonly comparison?: Comparison;
  /** With `comparison`: else the live collection lacks what came since its processor was stopped. */
  readonly isLiveRunning?: boolean;
}

export interface RunRebuildOptions {
  readonly goal: RebuildGoal;
  /** Around what changes the live version: no deployment may be under way. `lost` is aborted where one may have begun after all. */
  readonly exclusively: (work: (lost: AbortSignal) => Promise<RebuildRecord>) => Promise<RebuildRecord>;
  readonly digest: string;
  /** Of `build`: asked when both are compared. */
  readonly maySwap: (comparison: Comparison | undefined, isLiveRunning: boolean) => Promise<boolean>;
  /** Of `abort` and `drop-old`: asked before anything is taken away. */
  readonly mayDrop: () => Promise<boolean>;
}

/** Does what is asked for, from wherever an earlier run has stopped. What does not fit that is among the findings. */
export async function runRebuild(
  parts: RebuildParts,
  { goal, digest, maySwap, mayDrop, exclusively }: RunRebuildOptions,
): Promise<{ readonly result?: RebuildResult; readonly findings: readonly Finding[] }> {
  const found = await parts.store.load();
  const done = (outcome: RebuildResult["outcome"], wasDone = false) => ({ result: { outcome, wasDone }, findings: [] });
  if (isDone(goal, found, digest)) return done(goal === "swap" ? "swapped" : "rolled-back", true);
  const findings = checkPhase(goal, found, { name: parts.processors.live, digest });
  if (findings.length > 0) return { findings };
  switch (goal) {
    case "abort":
      if (!(await mayDrop())) return done("declined");
      await dropVersion(parts, "next");
      return done("aborted");
    case "drop-old":
      if (!(await mayDrop())) return done("declined");
      await dropVersion(parts, "old");
      return done("old-dropped");
    case "roll-back":
      if (found !== undefined) await exclusively((lost) => rollBack(parts, found, lost));
      return done("rolled-back");
    case "build":
    case "swap": {
      const taken = await checkNames(parts, found);
      if (taken.length > 0) return { findings: taken };
      const record = found ?? (await begin(parts, digest));
      return { result: await buildAndSwap(parts, record, { goal, maySwap, exclusively }), findings: [] };
    }
  }
}

async function buildAndSwap(
  parts: RebuildParts,
  found: RebuildRecord,
  { goal, maySwap, exclusively }: Omit<RunRebuildOptions, "digest" | "mayDrop">,
): Promise<RebuildResult> {
  // It was agreed to, and is only half done.
  if (found.phase === "swapping") {
    return {
      outcome: "swapped",
      wasDone: false,
      events: eventsOf(await exclusively((lost) => swap(parts, found, lost))),
    };
  }
  const record = await build(parts, found);
  await parts.on.step("catching up");
  await catchUp(parts, [parts.processors.next]);
  const { sink, collections } = parts;
  const isComparable = goal === "build" && (await hasCollection(sink.client, sink.db, collections.live));
  const compared = isComparable ? await compare(parts) : {};
  const { comparison, isLiveRunning = false } = compared as Partial<RebuildResult>;
  const isSwapped = goal === "swap" || (await maySwap(comparison, isLiveRunning));
  if (isSwapped) await exclusively((lost) => swap(parts, record, lost));
  return { outcome: isSwapped ? "swapped" : "built", wasDone: false, events: eventsOf(record), ...compared };
}

function eventsOf({ slices = [], skipped }: RebuildRecord): NonNullable<RebuildResult["events"]> {
  return { read: slices.reduce((total, { events }) => total + events, 0), skipped };
}

/** Where nothing has been made yet, nothing may have the names; the old one's may not be taken before the swap has begun. */
async function checkNames(
  { target, processors, sink, collections }: RebuildParts,
  record: RebuildRecord | undefined,
): Promise<readonly Finding[]> {
  if (record?.phase === "swapping") return [];
  const versions = record === undefined ? (["next", "old"] as const) : (["old"] as const);
  const taken: Finding[] = [];
  for (const version of versions) {
    const at = { processor: processors.live };
    if ((await target.processor(processors[version])) !== undefined) {
      taken.push(nameTaken(at, { what: `the processor \`${processors[version]}\`` }));
    }
    if (await hasCollection(sink.client, sink.db, collections[version])) {
      taken.push(nameTaken(at, { what: `the collection \`${sink.db}.${collections[version]}\`` }));
    }
  }
  return taken;
}
