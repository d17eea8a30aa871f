/** What an operator has done since the engine was started. */
export interface OperatorStats {
  readonly name: string;
  readonly input: number;
  readonly output: number;
  readonly deadLetters: number;
  /** Time that it took, in milliseconds. */
  readonly ms: number;
}

export type OperatorCounts = Partial<Omit<OperatorStats, "name">>;

/** Counts what goes through each operator of a processor. */
export interface Meter {
  /** @param place of the operator, counting from the source */
  count(place: number, counts: OperatorCounts): void;
  readonly operators: readonly OperatorStats[];
}

export function createMeter(names: readonly string[]): Meter {
  const counters = names.map((name) => ({ name, input: 0, output: 0, deadLetters: 0, ms: 0 }));
  return {
    count: (place, { input = 0, output = 0, deadLetters = 0, ms = 0 }) => {
      const counter = counters[place];
      if (counter === undefined) return;
      counter.input += input;
      counter.output += output;
      counter.deadLetters += deadLetters;
      counter.ms += ms;
    },
    get operators() {
      return counters.map((counter) => ({ ...counter }));
    },
  };
}
