import { createHash } from "node:crypto";
import type { Remote } from "./plan/remote.ts";
import { remoteText, type PlanScope } from "./plan/remote-text.ts";

/** Tells whether a workspace is still what a plan was made from: SHA-256, hexadecimal. */
export function digestRemote(remote: Remote, scope: PlanScope): string {
  return createHash("sha256").update(remoteText(remote, scope)).digest("hex");
}
