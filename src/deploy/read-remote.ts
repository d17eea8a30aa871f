import type { Remote } from "./plan/remote.ts";
import type { Target } from "./targets/target.ts";

/** All that a plan is made from. The processors alone come first: with wrong credentials one refusal is enough. */
export async function readRemote(target: Target): Promise<Remote> {
  const processors = await target.processors();
  const [connections, defaults] = await Promise.all([target.connections(), target.defaults()]);
  return { processors, connections, defaults };
}
