import type { Document } from "bson";
import { isWindow } from "./core/plan-window.ts";
import type { Definition } from "../stages/definition.ts";

/** Fields of a stage that name a connection in a document of their own. */
const holders = ["into", "from", "schemaRegistry"] as const;

/** Every connection that a processor's stages and options name, also within a window. */
export function connectionsOf({ pipeline, options }: Definition): readonly string[] {
  return [...new Set([...pipeline.flatMap(namesIn), ...nameIn(options?.dlq)])];
}

function namesIn(stage: Document): readonly string[] {
  const inner = isWindow(stage)
    ? Object.values(stage).flatMap((args) => (args as Document)["pipeline"] as Document[])
    : [];
  const own = Object.values(stage).flatMap((args) => [
    ...nameIn(args),
    ...holders.flatMap((holder) => nameIn((args as Document | null)?.[holder])),
  ]);
  return [...own, ...inner.flatMap(namesIn)];
}

function nameIn(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  const { connectionName } = value as { readonly connectionName?: unknown };
  return typeof connectionName === "string" ? [connectionName] : [];
}
