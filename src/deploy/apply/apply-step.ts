import type { Step } from "../plan/step.ts";
import type { ApplyContext } from "./apply-context.ts";
import type { StepEnd } from "./step-result.ts";
import { adoptProcessor } from "./steps/adopt-processor.ts";
import { changeCluster } from "./steps/change-cluster.ts";
import { changeWorkspace } from "./steps/change-workspace.ts";
import { createConnection } from "./steps/create-connection.ts";
import { createProcessor } from "./steps/create-processor.ts";
import { deleteConnection } from "./steps/delete-connection.ts";
import { deleteProcessor } from "./steps/delete-processor.ts";
import { editConnection } from "./steps/edit-connection.ts";
import { editProcessor } from "./steps/edit-processor.ts";
import { startExisting } from "./steps/start-existing.ts";

/** Does one step. Each kind has its file, and rejects with what toFailure knows, or with NotBegun. */
export function applyStep(step: Step, context: ApplyContext): Promise<StepEnd> {
  switch (step.kind) {
    case "keep":
      return Promise.resolve({ outcome: "unchanged", notes: [] });
    case "create-workspace":
    case "edit-workspace":
      return changeWorkspace(step, context);
    case "create-collection":
    case "edit-collection":
    case "create-index":
      return changeCluster(step, context);
    case "create-connection":
      return createConnection(step, context);
    case "edit-connection":
      return editConnection(step, context);
    case "delete-connection":
      return deleteConnection(step, context);
    case "adopt":
      return adoptProcessor(step, context);
    case "create":
      return createProcessor(step, context);
    case "start":
      return startExisting(step, context);
    case "edit":
    case "rename":
      return editProcessor(step, context);
    case "delete":
      return deleteProcessor(step, context);
  }
}
