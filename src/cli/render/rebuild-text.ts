import type { Comparison, DocumentDifference } from "../../deploy/rebuild/compare-versions.ts";
import { rebuildCommand, type RebuildScope } from "../../deploy/plan/rebuild-command.ts";
import type { Versions } from "../../deploy/plan/versions.ts";
import { printable } from "../../diagnostics/printable.ts";
import type { RebuildResult } from "../run-rebuild.ts";
import { renderCount } from "./numbers.ts";

export interface RebuildTextParts extends RebuildScope {
  readonly name: string;
  readonly db: string;
  readonly collections: Versions;
  readonly processors: Versions;
}

/** What came of a rebuild, and what to type next. */
export function renderRebuild(result: RebuildResult, parts: RebuildTextParts): string {
  const { events, comparison, isLiveRunning } = result;
  const read =
    events === undefined ? [] : [`${renderCount(events.read, "stored event")} read, ${events.skipped} left out`];
  const compared = comparison === undefined ? [] : renderComparison(comparison, isLiveRunning === true);
  const verb = result.outcome === "swapped" ? "swap" : "roll back";
  const before = result.wasDone ? [`There is nothing to ${verb}: that was done before`] : [];
  return [...before, ...read, ...compared, ...renderOutcome(result, parts)].join("\n");
}

/** The comparison by itself, as it stands before the question. */
export function renderComparison(comparison: Comparison, isLiveRunning: boolean): readonly string[] {
  const { live, next, isWhole, compared, unsettled, different, differences } = comparison;
  const what = isWhole ? "all" : "a sample of";
  return [
    `live: ${renderCount(live, "read model")}; new: ${renderCount(next, "read model")}`,
    `compared ${what} ${renderCount(compared, "read model")}: ${different === 0 ? "no differences" : `${different} differ`}`,
    ...(unsettled === 0 ? [] : [`${renderCount(unsettled, "read model")} changed too often to be compared`]),
    ...(isLiveRunning ? [] : ["the live version is not running: it lacks what came since it was stopped"]),
    ...differences.flatMap(renderDifference),
    ...(different > differences.length ? [`  … and ${different - differences.length} more`] : []),
  ];
}

function renderDifference({ _id, kind, fields }: DocumentDifference): readonly string[] {
  const id = printable(_id);
  if (kind === "missing") return [`  - ${id} is only in the live version`];
  if (kind === "extra") return [`  + ${id} is only in the new version`];
  return [
    `  ~ ${id}`,
    ...fields.map(({ field, before = "(absent)", after = "(absent)" }) =>
      printable(`      ${field}: ${shorten(before)} → ${shorten(after)}`),
    ),
  ];
}

const longest = 80;

function shorten(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

function renderOutcome(
  { outcome }: RebuildResult,
  { name, db, collections, processors, ...scope }: RebuildTextParts,
): readonly string[] {
  const command = rebuildCommand(name, scope);
  switch (outcome) {
    case "built":
      return [
        `${db}.${collections.next} is built, and ${processors.next} keeps it up to date; nothing else has changed`,
        `to put it in place: ${command} --swap; to give it up: ${command} --abort`,
      ];
    case "swapped":
      return [
        `${db}.${collections.live} is the new version; the one before is kept as ${db}.${collections.old}`,
        `to go back: ${command} --rollback; to let go of it: ${command} --drop-old`,
      ];
    case "rolled-back":
      return [
        `${db}.${collections.live} is the version from before the rebuild, and goes on from where it was stopped`,
        `the rebuilt one is kept as ${db}.${collections.next}: ${command} --swap, or --abort`,
      ];
    case "old-dropped":
      return [`${db}.${collections.old} and the processor ${processors.old} are gone`];
    case "declined":
      return ["Nothing was changed"];
    case "aborted":
      return [`${db}.${collections.next} and the processor ${processors.next} are gone`];
  }
}
