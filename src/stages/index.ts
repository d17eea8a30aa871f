import { $cachedLookup } from "./cached-lookup.ts";
import type { StageDescription } from "./define-stage.ts";
import { $emit } from "./emit.ts";
import { $hoppingWindow } from "./hopping-window.ts";
import { $iceberg } from "./iceberg.ts";
import { $merge } from "./merge.ts";
import { $sessionWindow } from "./session-window.ts";
import { $setStreamMeta } from "./set-stream-meta.ts";
import { $source } from "./source.ts";
import type { StagesOf } from "./stage-types.ts";
import { $throttle } from "./throttle.ts";
import { $tumblingWindow } from "./tumbling-window.ts";
import { $vectorSearch } from "./vector-search.ts";
import { windowStages } from "./window-stages.ts";

const stages = [
  $source,
  ...windowStages,
  $cachedLookup,
  $vectorSearch,
  $setStreamMeta,
  $throttle,
  $tumblingWindow,
  $hoppingWindow,
  $sessionWindow,
  $merge,
  $emit,
  $iceberg,
] as const;

/** Every stage of ASP by its wire name. */
export const stageTable: ReadonlyMap<string, StageDescription> = new Map<string, StageDescription>(
  stages.map((stage) => [stage.name, stage]),
);

/** One stage of a pipeline: an object with one key, the stage's wire name. */
export type Stage = StagesOf<typeof stages>;
