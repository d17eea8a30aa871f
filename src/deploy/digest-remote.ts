import { createHash } from "node:crypto";
import type { Remote } from "./plan/remote.ts";
import { remoteText, type PlanScope } from "./plan/remote-text.ts";

/** The digests of what a workspace holds of a scope, each by itself. */
export function digestParts(remote: Remote, { processors, connections }: PlanScope): Readonly<Record<string, string>> {
  const none = { processors: [], connections: [] };
  const alone = { ...remote, defaults: {} };
  return Object.fromEntries([
    ...processors.map((name) => [`the processor \`${name}\``, digestRemote(alone, { ...none, processors: [name] })]),
    ...connections.map((name) => [`the connection \`${name}\``, digestRemote(alone, { ...none, connections: [name] })]),
    ["the defaults of the workspace", digestRemote(remote, none)],
  ]) as Readonly<Record<string, string>>;
}

/** Tells whether a workspace is still what a plan was made from: SHA-256, hexadecimal. */
export function digestRemote(remote: Remote, scope: PlanScope): string {
  return createHash("sha256").update(remoteText(remote, scope)).digest("hex");
}
