import { $addFields } from "./add-fields.ts";
import { $project } from "./project.ts";
import { $replaceRoot } from "./replace-root.ts";
import { $set } from "./set.ts";
import type { StagesOf } from "./stage-types.ts";

/** Stages that may make the payload of `$https` and `$externalFunction`. A test holds the list against the stages' contexts. */
export const payloadStages = [$addFields, $project, $replaceRoot, $set] as const;

/** One stage of a payload. */
export type PayloadStage = StagesOf<typeof payloadStages>;
