import type { CommandContext } from "../context.ts";

/** A line of progress that is told again and again while work goes on. */
export interface LiveLine {
  /** On a TTY the line is replaced; elsewhere at most one a second is written. */
  readonly update: (line: string) => void;
  /** Leaves the last line standing on a TTY. */
  readonly end: () => void;
}

/** @param clock milliseconds, monotonic; only their difference counts. */
export function startLiveLine(ctx: CommandContext, clock: () => number = () => performance.now()): LiveLine {
  if (ctx.globals.quiet) return { update: () => undefined, end: () => undefined };
  let last = Number.NEGATIVE_INFINITY;
  let shown = "";
  const intervalMs = ctx.stderr.isTTY ? 100 : 1_000;
  return {
    update: (line) => {
      if (clock() - last < intervalMs) return;
      last = clock();
      shown = line;
      ctx.stderr.write(ctx.stderr.isTTY ? `\r\u001B[2K${line}` : `${line}\n`);
    },
    end: () => {
      if (ctx.stderr.isTTY && shown !== "") ctx.stderr.write("\n");
      shown = "";
    },
  };
}
