import type { ApplyContext } from "../apply-context.ts";
import { NotBegun } from "../slots.ts";
import type { StepOf } from "../step-of.ts";
import { done, type StepEnd } from "../step-result.ts";
import { createCollection } from "./create-collection.ts";
import { createIndex } from "./create-index.ts";

/** Makes or changes what sinks and sources need on a cluster. It is no write to the workspace, and takes no turn there. */
export async function changeCluster(
  step: StepOf<"create-collection" | "edit-collection"> | StepOf<"create-index">,
  { clusters, stopping, tell }: ApplyContext,
): Promise<StepEnd> {
  if (stopping.aborted) throw new NotBegun();
  const name = `${step.db}.${step.coll}`;
  if (step.kind === "create-index") {
    tell(`index of ${name}: creating`);
    await createIndex(step, { clusters });
  } else {
    await createCollection(step, { clusters });
  }
  return done();
}
