import { AspError } from "../diagnostics/asp-error.ts";
import type { Mongod } from "../mongod/mongod.ts";

/** Rejects when the mongod that was started ends by itself; never resolves. Documented in docs/errors/ASP4157.md. */
export async function mongodDied(mongod: Pick<Mongod, "died"> | undefined): Promise<never> {
  if (mongod === undefined) return await new Promise<never>(() => undefined);
  const reason = await mongod.died;
  throw new AspError("ASP4157", `the mongod that asp had started ended: ${reason}`, {
    help: "look for what ended it (out of memory, a full disk), then run the command again",
    retryable: true,
  });
}
