import type { Document } from "bson";
import { decodeExact } from "../../../engine/core/exact-bson.ts";
import type { RemoteConnection, RemoteProcessor, WorkspaceDefaults } from "../../plan/remote.ts";
import { toProcessorStats, type ProcessorStats } from "../processor-stats.ts";
import { listIn, textIn, toRemoteProcessor } from "../read-fields.ts";
import {
  credentialsRefused,
  failedOnTheWay,
  noWorkspace,
  requestRefused,
  roleTooSmall,
  strangeReply,
  unreachable,
} from "../refusals.ts";

/** Entries of a list that come as bytes, so that types and the order of keys survive. */
function entriesIn(reply: unknown, name: string, label: string): readonly unknown[] {
  const entries = listIn(reply, name);
  if (entries === undefined) throw strangeReply(label, `a reply without \`${name}\``, false);
  return entries.map((entry) => (ArrayBuffer.isView(entry) ? decodeExact(entry as Uint8Array) : entry));
}

/** What has no name is left out, as mongosh does. */
export function readProcessors(reply: unknown, label: string): readonly RemoteProcessor[] {
  return entriesIn(reply, "streamProcessors", label).flatMap((entry) => toRemoteProcessor(entry) ?? []);
}

export function readConnections(reply: unknown, label: string): readonly RemoteConnection[] {
  return entriesIn(reply, "connections", label).flatMap((entry) => {
    const [name, type, state] = ["name", "type", "state"].map((field) => textIn(entry, field));
    if (name === undefined) return [];
    return [{ name, type: type ?? "", ...(state !== undefined && { state }) }];
  });
}

/** With what only a list shows: why a processor has failed. */
export function readStats(reply: Document, { name, state, error }: RemoteProcessor): ProcessorStats {
  const { ok: _, $clusterTime: __, operationTime: ___, ...raw } = reply;
  return toProcessorStats(name, { state, ...raw, ...(error !== undefined && { errorMsg: error }) });
}

/** What is known of a processor that the service has no statistics of. */
export function withoutStats({ name, state, error, tier }: RemoteProcessor): ProcessorStats {
  const shown = { name, state, ...(tier !== undefined && { tier }), ...(error !== undefined && { errorMsg: error }) };
  return toProcessorStats(name, shown);
}

export function readDefaults(reply: unknown): WorkspaceDefaults {
  const [tier, maxTier] = [textIn(reply, "defaultTierSize"), textIn(reply, "maxTierSize")];
  return { ...(tier !== undefined && { tier }), ...(maxTier !== undefined && { maxTier }) };
}

/** What a client of the driver throws, as ours. */
export function toRefusal(error: unknown, label: string): Error {
  if (!(error instanceof Error)) return strangeReply(label, "no error that is one", false);
  const { name, message } = error;
  const code = "code" in error ? error.code : undefined;
  if (code === 18 || /authentication failed/iu.test(message)) {
    return credentialsRefused(label, "correct the user and the password in `uri` of the environment");
  }
  if (code === 13) return roleTooSmall(label, message);
  // Every workspace knows its processors; another command may be newer than the service.
  if (code === 59 && message.includes("listStreamProcessors")) return noWorkspace(label);
  if (code === 59) return strangeReply(label, "CommandNotFound", false);
  if (name === "MongoServerError") return requestRefused(label, message);
  // Nothing was sent: the driver found nobody.
  if (name === "MongoServerSelectionError") return unreachable(label, message, error);
  return failedOnTheWay(label, message);
}
