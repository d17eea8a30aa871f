import type { RebuildListener } from "../deploy/rebuild/rebuild.ts";
import type { SkippedEvent } from "../deploy/rebuild/fill.ts";
import type { CommandContext } from "./context.ts";
import { startLiveLine } from "./render/live-line.ts";
import { renderCount, renderDuration, renderNumber } from "./render/numbers.ts";

/** Tells on stderr how a rebuild goes on, and keeps the first events that could not be applied. */
export function listenToRebuild(ctx: CommandContext): {
  readonly on: RebuildListener;
  readonly skipped: readonly SkippedEvent[];
  end(): void;
} {
  const skipped: SkippedEvent[] = [];
  const line = startLiveLine(ctx);
  return {
    skipped,
    end: () => line.end(),
    on: {
      step: (what) => {
        ctx.signal.throwIfAborted();
        // Slices are many, and tell how many events they were.
        if (what.startsWith("filling")) return;
        line.end();
        ctx.progress(what);
      },
      filled: ({ events, of, left }) => {
        const rest = left === undefined || events >= of ? "" : `, ${renderDuration(left * 1000)} left`;
        line.update(`${renderNumber(events)} of ${renderCount(of, "event")}${rest}`);
      },
      skipped: (events) => {
        if (skipped.length < mostKept) skipped.push(...events.slice(0, mostKept - skipped.length));
      },
      behind: (seconds) => line.update(`${renderDuration(Math.max(0, seconds) * 1000)} behind`),
    },
  };
}

const mostKept = 5;
