/** How long documents had to wait, in milliseconds, and how often. */
export interface Throttled {
  readonly throttledMs: number;
  readonly events: number;
}

/** What an operator has done since the engine was started. */
export interface OperatorStats {
  readonly name: string;
  readonly input: number;
  readonly output: number;
  readonly deadLetters: number;
  /** Time that it took, in milliseconds. */
  readonly ms: number;
  /** Of a `$throttle`. */
  readonly throttle?: Throttled;
}

export type OperatorCounts = Partial<Omit<OperatorStats, "name">>;

/** Counts what goes through each operator of a processor. */
export interface Meter {
  /** @param place of the operator, counting from the source */
  count(place: number, counts: OperatorCounts): void;
  readonly operators: readonly OperatorStats[];
}

type Counter = { -readonly [Field in keyof OperatorStats]: OperatorStats[Field] };

const unthrottled: Throttled = { throttledMs: 0, events: 0 };
const throttleName = "ThrottleOperator";

export function addThrottled(before: Throttled = unthrottled, more: Throttled): Throttled {
  return { throttledMs: before.throttledMs + more.throttledMs, events: before.events + more.events };
}

export function createMeter(names: readonly string[]): Meter {
  const counters = names.map((name): Counter => ({
    name,
    input: 0,
    output: 0,
    deadLetters: 0,
    ms: 0,
    ...(name === throttleName && { throttle: unthrottled }),
  }));
  return {
    count: (place, { input = 0, output = 0, deadLetters = 0, ms = 0, throttle }) => {
      const counter = counters[place];
      if (counter === undefined) return;
      counter.input += input;
      counter.output += output;
      counter.deadLetters += deadLetters;
      counter.ms += ms;
      if (throttle !== undefined) counter.throttle = addThrottled(counter.throttle, throttle);
    },
    get operators() {
      return counters.map((counter) => ({ ...counter }));
    },
  };
}
