import { MongoClient } from "mongodb";
import type { Environment } from "../../config/environment.ts";
import { interpolate, type Variables } from "../../config/interpolate.ts";
import { resolveConnection } from "../../config/resolve-connection.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { within } from "../../engine/within.ts";
import type { Ownership } from "../plan/desired.ts";
import { settingMissing } from "../plan/setting-missing.ts";

/** A processor of a workspace that a project has made or taken over. */
export interface DeployedProcessor {
  readonly _id: { readonly workspace: string; readonly processor: string };
  /** The project. */
  readonly owner: string;
}

export interface OwnershipOptions {
  readonly env: Variables;
  readonly signal: AbortSignal;
}

const closeWithinMs = 2000;

/** Whose the processors of the environment's workspace are, as its record says. */
export async function readOwnership(
  environment: Environment,
  { env, signal }: OwnershipOptions,
): Promise<{ readonly ownership: Ownership; readonly findings: readonly Finding[] }> {
  const { record, workspace } = environment.settings ?? {};
  const unrecorded = { kind: "unrecorded" } as const;
  if (record === undefined) return { ownership: unrecorded, findings: [] };
  const { connectionName, db = "asp", coll = "asp_deployed", owner = "asp" } = record;
  const lacking = (setting: string, why: string): Finding =>
    settingMissing({}, { environment: environment.name, setting, why });
  if (workspace === undefined) {
    return { ownership: unrecorded, findings: [lacking("workspace", "a record is by its name")] };
  }
  const named = interpolate(workspace, env);
  if (named.finding !== undefined) return { ownership: unrecorded, findings: [named.finding] };
  const address = resolveConnection(environment, connectionName, env);
  if (address.kind === "unknown") return { ownership: unrecorded, findings: [address.finding] };
  if (address.kind === "embedded") {
    const setting = `connections.${connectionName}.uri`;
    return { ownership: unrecorded, findings: [lacking(setting, "the record is to be read there")] };
  }
  const client = new MongoClient(address.uri, { appName: "asp", serverSelectionTimeoutMS: 10_000 });
  const leave = (): void => void client.close().catch(() => undefined);
  signal.addEventListener("abort", leave, { once: true });
  try {
    const found = await client
      .db(db)
      .collection<DeployedProcessor>(coll)
      .find({ "_id.workspace": named.value })
      .toArray();
    const isOwn = (each: DeployedProcessor): boolean => each.owner === owner;
    return {
      ownership: {
        kind: "recorded",
        own: new Set(found.filter(isOwn).map(({ _id }) => _id.processor)),
        others: new Map(found.filter((each) => !isOwn(each)).map((each) => [each._id.processor, each.owner])),
      },
      findings: [],
    };
  } finally {
    signal.removeEventListener("abort", leave);
    await within(client.close(), closeWithinMs);
  }
}
