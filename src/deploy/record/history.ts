import { ObjectId } from "bson";
import type { Collection } from "mongodb";
import type { Author } from "./author.ts";

/** What became of a step, as it is kept. */
export interface DeployedStep {
  readonly kind: string;
  /** Of the processor or the connection. */
  readonly name: string;
  readonly outcome: string;
  readonly seconds: number;
  readonly reason?: string;
}

export interface DeploymentBegin {
  readonly command: "deploy" | "destroy";
  readonly environment: string;
  readonly author: Author;
  /** Of asp. */
  readonly version: string;
}

/** One deployment; `running` without an end where it was killed. */
export interface DeploymentDocument extends DeploymentBegin {
  readonly _id: ObjectId;
  /** {@link workspaceKey} */
  readonly workspace: string;
  readonly owner: string;
  readonly outcome: string;
  readonly startedAt: Date;
  readonly endedAt?: Date;
  readonly steps: readonly DeployedStep[];
}

/** A deployment that is being written down. */
export interface History {
  end(outcome: string, steps: readonly DeployedStep[]): Promise<void>;
}

export async function beginHistory(
  collection: Collection<DeploymentDocument>,
  begin: DeploymentBegin & Pick<DeploymentDocument, "workspace" | "owner">,
): Promise<History> {
  const _id = new ObjectId();
  await collection.insertOne({ _id, ...begin, outcome: "running", startedAt: new Date(), steps: [] });
  return {
    end: async (outcome, steps) => {
      await collection.updateOne({ _id }, { $set: { outcome, steps, endedAt: new Date() } });
    },
  };
}
