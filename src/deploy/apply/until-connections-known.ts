import type { ApplyContext } from "./apply-context.ts";
import { isRefusal } from "./failures.ts";

/**
 * Sends a definition to the service, again where it does not know a connection yet that this deployment has made: for some seconds it may
 * show one as READY and have none. Source: asp-control-plane 1.7.
 */
export async function untilConnectionsKnown(
  send: () => Promise<void>,
  { connections, pace, sleep }: Pick<ApplyContext, "connections" | "pace" | "sleep">,
): Promise<void> {
  const pauses = [...pace.unknownConnectionPausesMs];
  for (;;) {
    try {
      return await send();
    } catch (error) {
      const missing = isRefusal(error) ? /connection named (\S+) does not exist/u.exec(error.message)?.[1] : undefined;
      const pause = missing !== undefined && connections.has(missing) ? pauses.shift() : undefined;
      if (pause === undefined) throw error;
      await sleep(pause);
    }
  }
}
