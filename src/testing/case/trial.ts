/**
 * What an at-least-once engine may do to a processor, from the smallest to the largest. Source: DESIGN section 5.
 *
 * `straight`: nothing. `one-per-batch`: each of the first 500 events alone. `redelivered`: after each batch the state goes
 * back to the last checkpoint and the same documents reach the sink again. `restarted`: new engines that see only the
 * stored checkpoint, at most 25 times.
 */
export const trials = ["straight", "one-per-batch", "redelivered", "restarted"] as const;

export type Trial = (typeof trials)[number];
