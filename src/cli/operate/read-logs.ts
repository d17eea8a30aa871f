import type { LogOptions } from "../../deploy/targets/target.ts";
import { inLanes } from "../../engine/in-lanes.ts";
import type { CommandContext } from "../context.ts";
import type { Workspace } from "./open-workspace.ts";
import { readWhose } from "./read-whose.ts";

export interface ReadLogsOptions extends Omit<LogOptions, "processor"> {
  /** Of these processors; none: of the whole workspace, or of every processor of the preview. */
  readonly names: readonly string[];
}

const readAtOnce = 4;

/** Lines, oldest first; of several processors one after the other, since what a line holds is the service's own. */
export async function readLogs(
  workspace: Workspace,
  { names, ...options }: ReadLogsOptions,
  ctx: CommandContext,
): Promise<readonly string[]> {
  const { target, suffix } = workspace;
  if (suffix === undefined && names.length === 0) return await target.logs(options);
  const wanted = names.length > 0 ? names : await membersOf(workspace, ctx);
  const read = await inLanes(wanted, { count: readAtOnce }, (processor) => target.logs({ ...options, processor }));
  return read.flat();
}

/** One that was deleted still has entries. */
async function membersOf(workspace: Workspace, ctx: CommandContext): Promise<readonly string[]> {
  const { projectNames, ownership } = await readWhose(workspace, ctx);
  const own = ownership.kind === "recorded" ? ownership.own : [];
  return [...new Set([...projectNames, ...own])];
}
