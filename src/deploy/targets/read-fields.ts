import type { Document } from "bson";
import { maskSecrets } from "../../diagnostics/mask-secrets.ts";
import { fieldOf } from "../../engine/core/exact-bson.ts";
import type { DeadLetterTarget } from "../../stages/definition.ts";
import type { Autoscaling, RemoteProcessor } from "../plan/remote.ts";

/** Readers of replies, whatever they were written in. What is there in another form than is known counts as absent. */

export function textIn(document: unknown, name: string): string | undefined {
  const value = fieldOf(document, name);
  return typeof value === "string" ? value : undefined;
}

export function flagIn(document: unknown, name: string): boolean | undefined {
  const value = fieldOf(document, name);
  return typeof value === "boolean" ? value : undefined;
}

/** A number of any type. */
export function numberIn(document: unknown, name: string): number | undefined {
  const value = fieldOf(document, name);
  if (typeof value !== "number" && (typeof value !== "object" || value === null)) return undefined;
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
}

/** Undefined where it is no array. */
export function listIn(document: unknown, name: string): readonly unknown[] | undefined {
  const value = fieldOf(document, name);
  return Array.isArray(value) ? (value as readonly unknown[]) : undefined;
}

/** Why a processor failed, in the service's words; an address that they quote may hold a password. */
export function errorIn(shown: unknown): string | undefined {
  const error = textIn(shown, "errorMsg") ?? textIn(shown, "error_msg");
  return error === undefined ? undefined : maskSecrets(error);
}

/**
 * A processor of a list, or one by itself: what the two doors show of it has the same names, at places that differ a little.
 * Undefined for what has no name or no pipeline.
 */
export function toRemoteProcessor(shown: unknown): RemoteProcessor | undefined {
  const name = textIn(shown, "name");
  const pipeline = listIn(shown, "pipeline");
  if (name === undefined || pipeline === undefined) return undefined;
  const options = fieldOf(shown, "options");
  const tier = textIn(shown, "tier") ?? textIn(options, "tier");
  const dlq = toDeadLetters(fieldOf(options, "dlq") ?? fieldOf(shown, "dlq"));
  const autoscaling = toAutoscaling(fieldOf(shown, "autoscaling") ?? fieldOf(options, "autoscaling"));
  const failoverEnabled = flagIn(shown, "failoverEnabled") ?? flagIn(options, "failoverEnabled");
  const streamMetaFieldName = textIn(options, "streamMetaFieldName") ?? textIn(shown, "streamMetaFieldName");
  const error = errorIn(shown);
  return {
    name,
    pipeline: pipeline as readonly Document[],
    // Without one it is on its way.
    state: textIn(shown, "state") ?? "UNKNOWN",
    ...(error !== undefined && { error }),
    ...(tier !== undefined && { tier }),
    ...(dlq && { dlq }),
    ...(autoscaling && { autoscaling }),
    ...(failoverEnabled !== undefined && { failoverEnabled }),
    ...(streamMetaFieldName !== undefined && { streamMetaFieldName }),
  };
}

/** An empty one is none. */
function toDeadLetters(shown: unknown): DeadLetterTarget | undefined {
  const [connectionName, db, coll] = ["connectionName", "db", "coll"].map((name) => textIn(shown, name));
  if (connectionName === undefined || db === undefined || coll === undefined) return undefined;
  return { connectionName, db, coll };
}

function toAutoscaling(shown: unknown): Autoscaling | undefined {
  if (typeof shown !== "object" || shown === null) return undefined;
  const [enabled, minTier, maxTier] = [flagIn(shown, "enabled"), textIn(shown, "minTier"), textIn(shown, "maxTier")];
  return {
    ...(enabled !== undefined && { enabled }),
    ...(minTier !== undefined && { minTier }),
    ...(maxTier !== undefined && { maxTier }),
  };
}
