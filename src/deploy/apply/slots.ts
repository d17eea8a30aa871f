/** Lets a few steps write at once; what only waits and looks needs none. */
export interface Slots {
  /**
   * Runs in the order of the calls. Work that has not begun when `stopping` is aborted does not begin.
   *
   * @throws NotBegun
   */
  run<Value>(work: () => Promise<Value>): Promise<Value>;
  /** The same for work that belongs to what has begun: it is done in any case. */
  finish<Value>(work: () => Promise<Value>): Promise<Value>;
}

/** A step that waited for its turn when the deployment was stopped. */
export class NotBegun extends Error {
  override readonly name = "NotBegun";
}

export interface SlotsOptions {
  readonly atOnce: number;
  /**
   * True where nothing else keeps two deployments apart: the first step is alone until its writes have gone well. Both begin with the
   * same one, and the service lets only one of them do it.
   */
  readonly firstAlone: boolean;
  readonly stopping: AbortSignal;
  /** Told before the next one has its turn. */
  readonly onFailure: (error: unknown) => void;
}

export function createSlots({ atOnce, firstAlone, stopping, onFailure }: SlotsOptions): Slots {
  let free = firstAlone ? 1 : atOnce;
  let isFirst = firstAlone;
  const waiting: (() => void)[] = [];
  const leave = (): void => {
    free += isFirst ? atOnce : 1;
    isFirst = false;
    while (free > 0 && waiting.length > 0) {
      free -= 1;
      waiting.shift()?.();
    }
  };
  const inTurn = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } catch (error) {
      onFailure(error);
      throw error;
    } finally {
      leave();
    }
  };
  return {
    finish: inTurn,
    run: (work) =>
      inTurn(() => {
        if (stopping.aborted) throw new NotBegun();
        return work();
      }),
  };
}
