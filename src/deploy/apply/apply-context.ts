import type { Environment } from "../../config/environment.ts";
import type { RemoteClusters } from "../clusters/open-remote-clusters.ts";
import type { Remote } from "../plan/remote.ts";
import type { Claims } from "../record/claims.ts";
import type { ConnectionSettings, Target } from "../targets/target.ts";
import type { Pace } from "./pace.ts";
import type { Slots } from "./slots.ts";

/** Everything that the steps of one deployment share. */
export interface ApplyContext {
  readonly target: Target;
  readonly environment: Environment;
  /** The workspace as it was right before the first write: what a step does not find as it is here, somebody else has changed. */
  readonly expected: Remote;
  /** Where this deployment changes the workspace's own tier: a processor that names none may be shown with either. */
  readonly ownTier?: { readonly before: string | undefined; readonly after: string };
  /** Connections that are made or changed, by name, secrets filled in. */
  readonly connections: ReadonlyMap<string, ConnectionSettings>;
  /** Behind the environment's connections. */
  readonly clusters: RemoteClusters;
  readonly claims: Claims;
  readonly pace: Pace;
  readonly slots: Slots;
  /** Aborted: no step begins, and what is under way comes to its end without waiting to see how it goes on. */
  readonly stopping: AbortSignal;
  /** Aborted: even what is under way ends at once. */
  readonly forced: AbortSignal;
  readonly sleep: (ms: number) => Promise<void>;
  /** The same between looks at what runs by itself: ends at once when the deployment is to stop. */
  readonly pause: (ms: number) => Promise<void>;
  /** A line about what is being done. */
  readonly tell: (line: string) => void;
}
