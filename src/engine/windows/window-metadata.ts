import type { Document } from "bson";
import { isPlainObject } from "../../expressions/is-plain-object.ts";
import type { ClosedWindow } from "./window-keeper.ts";

/** What `{$meta: "stream.window"}` gives. Source: asp-language section 5. */
export function windowMetadata({ startMs, endMs, partition }: Omit<ClosedWindow, "filter">): Document {
  return {
    start: new Date(startMs),
    end: new Date(endMs),
    ...(partition === undefined ? {} : { partition: partition.value }),
  };
}

/** Stages of a window with what it says of itself filled in: within one window that is constant. */
export function withWindowMetadata<Stages>(stages: Stages, window: Document): Stages {
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (!isPlainObject(value) || "$literal" in value) return value;
    const path: unknown = value["$meta"];
    if (typeof path === "string" && (path === "stream.window" || path.startsWith("stream.window."))) {
      const found = valueAt(window, path.split(".").slice(2));
      return found === undefined ? "$$REMOVE" : { $literal: found };
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item)]));
  };
  return walk(stages) as Stages;
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const name of path) found = isPlainObject(found) ? found[name] : undefined;
  return found;
}
