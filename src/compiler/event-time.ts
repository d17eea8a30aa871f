import { child } from "./cursor.ts";
import type { LocatedStage } from "./read-stages.ts";

/** The field that a source puts the time of an event in. Source: asp-language section 1.1.2. */
export function eventTimeField(source: LocatedStage): string {
  const own = child(source.args, "tsFieldName").value;
  return typeof own === "string" ? own : "_ts";
}

/** True for a window that events open and close by their own time; one on the clock of the machine does whatever they say. */
export function usesEventTime({ description, args }: LocatedStage): boolean {
  return description?.role === "window" && child(args, "boundary").value !== "processingTime";
}
