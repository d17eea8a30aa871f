import type { Remote } from "./plan/remote.ts";
import type { Target } from "./targets/target.ts";

export interface ReadRemoteOptions {
  /** A workspace that is not there is an empty one, and no refusal; default false. */
  readonly mayBeMissing?: boolean;
}

/** All that a plan is made from. The first read comes alone: with wrong credentials one refusal is enough. */
export async function readRemote(
  target: Pick<Target, "processors" | "connections" | "defaults" | "workspace">,
  { mayBeMissing = false }: ReadRemoteOptions = {},
): Promise<Remote> {
  if (mayBeMissing && (await target.workspace()) === undefined) {
    return { processors: [], connections: [], defaults: {}, isMissing: true };
  }
  const processors = await target.processors();
  const [connections, defaults] = await Promise.all([target.connections(), target.defaults()]);
  return { processors, connections, defaults };
}
