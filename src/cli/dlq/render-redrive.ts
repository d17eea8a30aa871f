import { rebuildCommand, type RebuildScope } from "../../deploy/plan/rebuild-command.ts";
import { printable } from "../../diagnostics/printable.ts";
import { renderCount } from "../render/numbers.ts";
import type { Outcome, RedrivenLetter } from "./redrive-letters.ts";

const words: Readonly<Record<Outcome, readonly [done: string, todo: string]>> = {
  applied: ["applied", "would be applied"],
  "already applied": ["had been applied", "have been applied already"],
  "too late": ["too late: newer events of the key were applied", "too late: newer events of the key were applied"],
  fails: ["fail still", "fail still"],
  gone: ["events that are not stored any more", "events that are not stored any more"],
  refused: ["cannot be put through again", "cannot be put through again"],
};

export interface RenderRedriveOptions extends RebuildScope {
  /** False: nothing was written. */
  readonly writes: boolean;
}

/** Counts by processor, outcome and reason, and what is to be done about them. */
export function renderRedrive(letters: readonly RedrivenLetter[], { writes, ...scope }: RenderRedriveOptions): string {
  if (letters.length === 0) return "no letters to put through again";
  const groups = new Map<string, { readonly letter: RedrivenLetter; count: number }>();
  for (const letter of letters) {
    const key = JSON.stringify([letter.processor, letter.outcome, letter.reason]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { letter, count: 1 });
    else group.count += 1;
  }
  const lines = [...groups.values()].map(({ letter: { processor, outcome, reason }, count }) => {
    const why = reason === undefined ? "" : ` (${printable(reason)})`;
    return `${processor}: ${renderCount(count, "letter")}: ${words[outcome][writes ? 0 : 1]}${why}`;
  });
  const late = [...new Set(letters.filter(({ outcome }) => outcome === "too late").map(({ processor }) => processor))];
  return [
    ...lines,
    ...late.map((name) => `to have the read model of ${name} right again, rebuild it: ${rebuildCommand(name, scope)}`),
    ...(writes ? [] : ["nothing was written: with --yes it is"]),
  ].join("\n");
}
