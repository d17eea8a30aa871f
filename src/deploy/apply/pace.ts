import type { Patience } from "../until.ts";

/** The pauses of a deployment; tests have short ones. */
export interface Pace {
  /** A processor that was started counts as running after so many reads in a row that show it STARTED and without an error. */
  readonly watch: Patience & { readonly reads: number };
  /** For what is being stopped or dropped. */
  readonly settle: Patience;
  /** For a connection to be READY, or gone. */
  readonly connection: Patience;
  /** How long a cluster looks for an event that a processor has not read. */
  readonly sourceMs: number;
  /** Before each further attempt where the service does not know a connection yet that it shows as READY. */
  readonly unknownConnectionPausesMs: readonly number[];
}

/**
 * Ten seconds of three reads; a stop of a large pipeline takes minutes, a connection through a private network up to forty. Source:
 * asp-control-plane sections 4 and 5.
 */
export const usualPace: Pace = {
  watch: { reads: 3, pauseMs: 5000, longestMs: 300_000 },
  settle: { pauseMs: 1000, longestMs: 300_000 },
  connection: { pauseMs: 2000, longestMs: 2_400_000 },
  sourceMs: 1000,
  unknownConnectionPausesMs: [1000, 2000, 4000, 8000],
};
