import { Timestamp } from "bson";

/** A change stream position as the server gives it; `_data` is hex that sorts as the stream does. */
export interface ResumeToken {
  readonly _data: string;
}

/**
 * The cluster time inside a resume token: after a type byte (`82`) come the seconds and the increment, eight hex digits each.
 *
 * @returns `undefined` for a token of another form.
 */
export function clusterTimeOf(token: ResumeToken): Timestamp | undefined {
  const match = /^82([0-9A-F]{8})([0-9A-F]{8})/i.exec(token._data);
  if (match === null) return undefined;
  return new Timestamp({ t: Number.parseInt(match[1] ?? "", 16), i: Number.parseInt(match[2] ?? "", 16) });
}

/** True if `token` stands at `time` or after it. */
export function hasReached(token: ResumeToken, time: Timestamp): boolean {
  const at = clusterTimeOf(token);
  return at !== undefined && at.greaterThanOrEqual(time);
}
