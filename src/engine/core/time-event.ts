/**
 * What decided where the documents of a processor with a window went: each that its source delivered, and time that passed without one.
 * Times are milliseconds since the epoch.
 */
export type TimeEvent = { readonly processor: string } & (
  | {
      readonly kind: "document";
      /** Its `_id`, or of a change event that of the document. */
      readonly id: unknown;
      readonly timeMs: number;
      /** After this document; undefined while a part of the source has had none. */
      readonly watermarkMs: number | undefined;
      /** What reached the window of it: nothing where a stage before has dropped it, several where one has made several of it. */
      readonly arrivals: readonly TimeArrival[];
    }
  | {
      /** The source has refused it, and it is a dead letter: nothing moves. */
      readonly kind: "refused";
      readonly id: unknown;
      readonly reason: string;
      readonly watermarkMs: undefined;
    }
  | {
      /** `idle`: the source has been silent for too long. `partitions`: only parts of it have. `clock`: of windows of processing time. */
      readonly kind: "idle" | "partitions" | "clock";
      readonly watermarkMs: number;
      /** How long the source has been silent. */
      readonly silentMs: number;
    }
);

export interface TimeArrival {
  readonly outcome: "admitted" | "late" | "between" | "too large";
  /** Value of `partitionBy`. */
  readonly partition: unknown;
}
