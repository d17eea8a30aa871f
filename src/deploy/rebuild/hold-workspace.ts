import type { Environment } from "../../config/environment.ts";
import type { Variables } from "../../config/interpolate.ts";
import { readAuthor } from "../record/author.ts";
import { openRecord } from "../record/open-record.ts";
import { resolveRecord } from "../record/resolve-record.ts";

export interface HoldOptions {
  readonly environment: Environment;
  readonly env: Variables;
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
  /** Becomes this project's before anything is done. */
  readonly processor: string;
}

/**
 * Does something while no deployment is under way: half of a swap looks to it like something that somebody has taken away. Where the
 * environment records nothing, deployments do not keep out of each other's way either.
 *
 * `work` is given what is aborted where the lock is lost; it goes on to where it may be left, and the loss is told in any case.
 *
 * @throws AspError ASP6044 where one is, ASP6045 for a processor of another project, ASP6049 for the record, ASP6054 for a lock that was lost
 */
export async function holdWorkspace<Result>(
  { environment, env, cwd, signal, tell, processor }: HoldOptions,
  work: (lost: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const { place } = resolveRecord(environment, env);
  if (place === undefined) return await work(new AbortController().signal);
  await using record = openRecord(place, signal);
  const { host, user: by } = await readAuthor(cwd, env);
  const lock = await record.lock({ owner: place.owner, host, by }, { tell, signal });
  try {
    await record.claims.take(processor);
    const result = await work(lock.lost);
    lock.lost.throwIfAborted();
    return result;
  } finally {
    await lock.release();
  }
}
