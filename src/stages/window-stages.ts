import { $addFields } from "./add-fields.ts";
import { $count } from "./count.ts";
import { $externalFunction } from "./external-function.ts";
import { $group } from "./group.ts";
import { $https } from "./https.ts";
import { $limit } from "./limit.ts";
import { $lookup } from "./lookup.ts";
import { $match } from "./match.ts";
import { $project } from "./project.ts";
import { $redact } from "./redact.ts";
import { $replaceRoot } from "./replace-root.ts";
import { $replaceWith } from "./replace-with.ts";
import { $set } from "./set.ts";
import { $sort } from "./sort.ts";
import type { StagesOf } from "./stage-types.ts";
import { $unset } from "./unset.ts";
import { $unwind } from "./unwind.ts";
import { $validate } from "./validate.ts";

/** Stages that may stand in the pipeline of a window. A test holds the list against the stages' contexts. */
export const windowStages = [
  $match,
  $project,
  $addFields,
  $set,
  $unset,
  $replaceRoot,
  $replaceWith,
  $redact,
  $unwind,
  $validate,
  $lookup,
  $https,
  $externalFunction,
  $group,
  $sort,
  $limit,
  $count,
] as const;

/** One stage inside a window. */
export type WindowStage = StagesOf<typeof windowStages>;
