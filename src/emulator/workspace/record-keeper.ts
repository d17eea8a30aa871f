import type { WorkspaceState } from "./life-cycle.ts";
import type { ProcessorRegistry } from "./processor-registry.ts";
import type { ProcessorRecord } from "./processor-record.ts";
import type { StateChange } from "./workspace-types.ts";

/** A change of a record: from the latest one, so that changes under way at once do not undo each other. */
export type RecordChange = (record: ProcessorRecord) => ProcessorRecord;

/** The record of a processor: what is kept of it, and what it is on its way to. */
export interface RecordKeeper {
  readonly record: ProcessorRecord;
  /** Of the record, unless something is under way. */
  readonly state: WorkspaceState;
  /** Something is under way that the record does not know; undefined: no more. */
  pass(through: WorkspaceState | undefined): void;
  /** Keeps a change and only then shows it. */
  keep(change: RecordChange): Promise<void>;
  /** The same in the background. What cannot be kept is shown nevertheless, and kept when that is possible again. */
  note(change: RecordChange): void;
  /** A change that need not be kept now. */
  amend(change: RecordChange): void;
  /** Keeps what {@link note} could not. */
  catchUp(): Promise<void>;
  /** Resolves once everything noted so far is kept, or could not be. */
  noted(): Promise<void>;
  tell(from: WorkspaceState | undefined, to: StateChange["to"]): void;
  /** Nothing is kept any more. */
  seal(): void;
}

export interface RecordKeeperParts {
  readonly registry: ProcessorRegistry;
  readonly now: () => number;
  readonly onState: (change: StateChange) => void;
}

export function createRecordKeeper(
  first: ProcessorRecord,
  { registry, now, onState }: RecordKeeperParts,
): RecordKeeper {
  let record = first;
  let passing: WorkspaceState | undefined;
  let isSealed = false;
  let isBehind = false;
  /** One change after the other. */
  let queue: Promise<unknown> = Promise.resolve();

  const state = (): WorkspaceState => passing ?? record.state;

  const tell: RecordKeeper["tell"] = (from, to) => {
    const { name, error } = record;
    if (from !== to) onState({ name, from, to, ...(error && { error }) });
  };

  const show = (next: ProcessorRecord): void => {
    const from = state();
    record = next;
    tell(from, state());
  };

  const applied = (change: RecordChange): ProcessorRecord => {
    const next = change(record);
    return next.state === record.state ? next : { ...next, lastStateChange: new Date(now()) };
  };

  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  };

  const save = async (next: ProcessorRecord): Promise<void> => {
    if (isSealed) return;
    await registry.save(next);
    isBehind = false;
  };

  const keep = (change: RecordChange): Promise<void> =>
    inTurn(async () => {
      const next = applied(change);
      await save(next);
      // Counts go on while it is being kept.
      show({ ...next, counts: record.counts });
    });

  return {
    get record() {
      return record;
    },
    get state() {
      return state();
    },
    pass: (through) => {
      const from = state();
      passing = through;
      tell(from, state());
    },
    keep,
    note: (change) =>
      void inTurn(async () => {
        const next = applied(change);
        await save(next).catch(() => {
          isBehind = true;
        });
        show({ ...next, counts: record.counts });
      }),
    amend: (change) => {
      record = change(record);
    },
    catchUp: async () => {
      if (isBehind) await keep((same) => same);
    },
    noted: async () => {
      await queue;
    },
    tell,
    seal: () => {
      isSealed = true;
    },
  };
}
