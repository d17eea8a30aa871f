import { setImmediate as turn, setTimeout as pause } from "node:timers/promises";
import { ownProcess } from "./own-process.ts";

/** What nobody catches while modules run. */
export interface Uncaught {
  /** Lets what was started come to its end, and gives what was thrown, or rejected, since it was last asked. */
  readonly afterTurn: () => Promise<readonly unknown[]>;
  /**
   * The same, and waits for timers and connections that came since the hearing began, at most for a second. They are counted: where one of somebody
   * else's in this process has ended meanwhile, one that came is not seen.
   */
  readonly afterAll: () => Promise<readonly unknown[]>;
  readonly close: () => void;
}

const events = ["uncaughtException", "unhandledRejection"] as const;

/** Hears, in place of all others who listen, what nobody catches, until `close`. Several at once all hear it. */
export function hearUncaught(): Uncaught {
  let heard: unknown[] = [];
  const hear = Object.assign((error: unknown): void => void heard.push(error), { [isOurs]: true });
  const others = events.map((event) => {
    const all = ownProcess.rawListeners(event) as Listener[];
    return { event, listeners: all.filter((listener) => !(isOurs in listener)) };
  });
  for (const { event, listeners } of others) {
    for (const listener of listeners) ownProcess.off(event, listener);
    ownProcess.on(event, hear);
  }
  const before = countResources();
  const take = (): readonly unknown[] => {
    const taken = heard;
    heard = [];
    return taken;
  };
  return {
    async afterTurn() {
      await turn();
      return take();
    },
    async afterAll() {
      await turn();
      for (let waited = 0; waited < longest && hasMore(countResources(), before); waited += step) await pause(step);
      return take();
    },
    close() {
      for (const { event, listeners } of others) {
        ownProcess.off(event, hear);
        for (const listener of listeners) ownProcess.on(event, listener);
      }
    },
  };
}

const isOurs = Symbol.for("asp-toolkit.hears-uncaught");

type Listener = (...values: readonly unknown[]) => void;

/** Milliseconds. */
const longest = 1000;
const step = 10;

/** How much of each kind keeps the process from ending. Files are left out: modules read none, and asp does meanwhile. */
function countResources(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const kind of ownProcess.getActiveResourcesInfo()) {
    if (!kind.startsWith("FSReq")) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

function hasMore(now: ReadonlyMap<string, number>, before: ReadonlyMap<string, number>): boolean {
  return [...now].some(([kind, count]) => count > (before.get(kind) ?? 0));
}
