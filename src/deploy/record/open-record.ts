import { MongoClient } from "mongodb";
import { AspError, isAspError } from "../../diagnostics/asp-error.ts";
import { maskSecrets } from "../../diagnostics/mask-secrets.ts";
import { within } from "../../engine/within.ts";
import type { Ownership } from "../plan/desired.ts";
import { createClaims, readOwners, type Claims, type DeployedProcessor } from "./claims.ts";
import { beginHistory, type DeploymentBegin, type DeploymentDocument, type History } from "./history.ts";
import { takeLock, type Lock, type LockDocument, type LockHolder, type LockPace } from "./lock.ts";
import type { RecordPlace } from "./resolve-record.ts";

/**
 * What is written down about the processors of a workspace: whose they are (`asp_deployed`), who is deploying (`asp_deployed_locks`) and
 * what was deployed (`asp_deployed_history`).
 */
export interface DeployRecord extends AsyncDisposable {
  ownership(): Promise<Ownership>;
  readonly claims: Claims;
  /** @throws AspError ASP6044 where another deployment is under way */
  lock(holder: LockHolder, pace?: LockPace): Promise<Lock>;
  begin(deployment: DeploymentBegin): Promise<History>;
}

const closeWithinMs = 2000;

/** Nothing is sent until something is asked for. Every method rejects with AspError ASP6049 where the cluster refuses. */
export function openRecord({ uri, db, coll, owner, workspace }: RecordPlace, signal: AbortSignal): DeployRecord {
  const client = new MongoClient(uri, { appName: "asp", serverSelectionTimeoutMS: 10_000 });
  const leave = (): void => void client.close().catch(() => undefined);
  signal.addEventListener("abort", leave, { once: true });
  const database = client.db(db);
  const deployed = database.collection<DeployedProcessor>(coll);
  const guard = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (isAspError(error) || !(error instanceof Error) || !error.name.startsWith("Mongo")) throw error;
      throw recordRefused(`${db}.${coll}`, maskSecrets(error.message));
    }
  };
  const claims = createClaims(deployed, { workspace, owner });
  return {
    ownership: () => guard(() => readOwners(deployed, { workspace, owner })),
    claims: {
      take: (processor) => guard(() => claims.take(processor)),
      release: (processor) => guard(() => claims.release(processor)),
    },
    lock: (holder, pace) =>
      guard(() => takeLock(database.collection<LockDocument>(`${coll}_locks`), { workspace, holder, ...pace })),
    begin: (deployment) =>
      guard(async () => {
        const collection = database.collection<DeploymentDocument>(`${coll}_history`);
        const history = await beginHistory(collection, { ...deployment, workspace, owner });
        return { end: (outcome, steps) => guard(() => history.end(outcome, steps)) };
      }),
    [Symbol.asyncDispose]: async () => {
      signal.removeEventListener("abort", leave);
      await within(client.close(), closeWithinMs);
    },
  };
}

function recordRefused(namespace: string, said: string): AspError {
  return new AspError("ASP6049", `the record \`${namespace}\` cannot be read or written: ${said}`, {
    help: "check the `uri` of the connection that `record` names, and that its user may read and write there",
  });
}
