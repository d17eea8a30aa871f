import { Type } from "@sinclair/typebox";
import type { Relation } from "./define-stage.ts";
import { duration, durationOrZero, offset, pipeline, word } from "./values.ts";
import type { WindowStage } from "./window-stages.ts";

// What windows have in common. Source: asp-language section 1.6.

export const interval = () => duration("Length of each window.");

export const windowPipeline = () =>
  pipeline<WindowStage>("window", "Stages that run once over the documents of each closed window.", 1);

export const boundary = () =>
  Type.Optional(
    word(["eventTime", "processingTime"], "Whose clock opens and closes windows; default eventTime.", {
      mistaken: { processTime: "write `processingTime`" },
    }),
  );

export const windowOffset = () => Type.Optional(offset("By how much windows are shifted against UTC."));

export const idleTimeout = () =>
  Type.Optional(durationOrZero("How long the source may be silent before open windows are closed; default: for ever."));

export const allowedLateness = () =>
  Type.Optional(durationOrZero("How long an ended window waits for late documents; default 3 seconds."));

/** Names that circulate and that no window has. Source: asp-language section 9.3. */
export const mistakenFields = { boundaryType: "write `boundary`" } as const;

/** A field of event time has no meaning where the clock on the wall decides. */
export const onlyEventTime = (field: "idleTimeout" | "allowedLateness"): Relation => ({
  kind: "only",
  field,
  with: { field: "boundary", values: ["eventTime"], absent: true },
});
