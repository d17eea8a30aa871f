import type { Environment } from "../../config/environment.ts";
import { loadCommandValues } from "../../config/load-command-values.ts";
import type { Ownership } from "../../deploy/plan/desired.ts";
import { suffixed } from "../../deploy/plan/preview-names.ts";
import { versionsOf } from "../../deploy/plan/versions.ts";
import { readOwnership } from "../../deploy/record/read-ownership.ts";
import { recordSettings } from "../../deploy/record/resolve-record.ts";
import type { CommandContext } from "../context.ts";
import { loadOwnProject } from "../open-project.ts";
import type { Workspace } from "./open-workspace.ts";

/** By what a processor of the workspace is known to be this project's, or the preview's. */
export interface Whose {
  /** Of the project, as the workspace would have them. */
  readonly projectNames: ReadonlySet<string>;
  readonly ownership: Ownership;
}

/** An error in a pipeline of the project is no obstacle. */
export async function readWhose({ environment, suffix }: Workspace, ctx: CommandContext): Promise<Whose> {
  const [project, ownership] = await Promise.all([loadOwnProject(ctx, []), ownershipOrNames(environment, ctx)]);
  return { projectNames: new Set(project.names.map(suffixed(suffix))), ownership };
}

/** True for a processor of a preview, and for another version of one that is being rebuilt. */
export function isOfPreview(name: string, { projectNames, ownership }: Whose): boolean {
  const isMember = (each: string): boolean =>
    projectNames.has(each) || (ownership.kind === "recorded" && ownership.own.has(each));
  if (isMember(name)) return true;
  return [...projectNames].some((each) => [versionsOf(each).old, versionsOf(each).next].includes(name));
}

/** Where the record cannot be read from here, names decide: a look at the workspace does not fail for it. */
async function ownershipOrNames(
  environment: Environment,
  { env: own, signal, progress, cwd }: CommandContext,
): Promise<Ownership> {
  try {
    const { env, findings: failed } = await loadCommandValues(recordSettings(environment), { env: own, signal, cwd });
    const { ownership, findings } = await readOwnership(environment, { env, signal });
    for (const { message } of failed.length > 0 ? failed : findings)
      progress(`whose processors are is not known: ${message}`);
    return ownership;
  } catch {
    signal.throwIfAborted();
    progress("whose processors are cannot be read from the record: by their names");
    return { kind: "unrecorded" };
  }
}
