import { setTimeout as sleep } from "node:timers/promises";
import { isAspError } from "../../diagnostics/asp-error.ts";
import type { CommandContext } from "../context.ts";
import { renderStatus } from "../render/status-table.ts";
import type { Workspace } from "./open-workspace.ts";
import { readStatus, type Status, type StatusQuestion } from "./read-status.ts";

export interface WatchStatusOptions {
  readonly ctx: CommandContext;
  readonly intervalMs: number;
}

/**
 * Shows the status again and again, on a TTY in the same place. It ends only by a failure: the signal's, or one that does not pass by itself.
 * A way that is broken for a while is told, and tried again.
 */
export async function watchStatus(
  workspace: Workspace,
  question: StatusQuestion,
  { ctx, intervalMs }: WatchStatusOptions,
): Promise<never> {
  let before: { readonly status: Status; readonly atMs: number } | undefined;
  for (;;) {
    try {
      const { status, findings } = await readStatus(workspace, question);
      const atMs = performance.now();
      const rates = before === undefined ? new Map<string, number>() : ratesBetween(before, { status, atMs });
      before = { status, atMs };
      const text = renderStatus(status, { color: ctx.color.stdout, rates });
      ctx.stdout.write(ctx.stdout.isTTY ? `${clear}${text}\n` : `${text}\n\n`);
      await ctx.report(findings);
    } catch (error) {
      ctx.signal.throwIfAborted();
      if (!isAspError(error) || !passes(error.code)) throw error;
      ctx.progress(`${error.message}; trying again`);
    }
    await sleep(intervalMs, undefined, { signal: ctx.signal });
  }
}

/** To the upper left corner, and nothing below. */
const clear = "\u001B[H\u001B[2J";

/** The network, a busy service, a gateway. */
function passes(code: string): boolean {
  return code === "ASP6003" || code === "ASP6005" || code === "ASP6007";
}

/** Documents a second that came in between two looks, by the name of the processor. */
export function ratesBetween(
  before: { readonly status: Pick<Status, "processors">; readonly atMs: number },
  now: { readonly status: Pick<Status, "processors">; readonly atMs: number },
): ReadonlyMap<string, number> {
  const seconds = (now.atMs - before.atMs) / 1000;
  const counts = new Map(before.status.processors.map(({ name, inputMessageCount }) => [name, inputMessageCount]));
  return new Map(
    now.status.processors.flatMap(({ name, inputMessageCount }) => {
      const earlier = counts.get(name);
      if (earlier === undefined || inputMessageCount === undefined || inputMessageCount < earlier) return [];
      return [[name, (inputMessageCount - earlier) / seconds] as const];
    }),
  );
}
