import type { Collection } from "mongodb";
import { AspError } from "../../diagnostics/asp-error.ts";
import type { Ownership } from "../plan/desired.ts";

/** A processor of a workspace, by its {@link workspaceKey}, that a project has made, is about to make, or has taken over. */
export interface DeployedProcessor {
  readonly _id: { readonly workspace: string; readonly processor: string };
  /** The project. */
  readonly owner: string;
}

/** Whose a processor is, written down before it is made and taken back after it is gone. */
export interface Claims {
  /** @throws AspError ASP6045 where another project has it */
  take(processor: string): Promise<void>;
  release(processor: string): Promise<void>;
}

/** Where nothing is recorded. */
export const noClaims: Claims = { take: () => Promise.resolve(), release: () => Promise.resolve() };

export interface ClaimsOptions {
  readonly workspace: string;
  readonly owner: string;
}

export async function readOwners(
  deployed: Collection<DeployedProcessor>,
  { workspace, owner }: ClaimsOptions,
): Promise<Ownership> {
  const found = await deployed.find({ "_id.workspace": workspace }).toArray();
  const isOwn = (each: DeployedProcessor): boolean => each.owner === owner;
  return {
    kind: "recorded",
    own: new Set(found.filter(isOwn).map(({ _id }) => _id.processor)),
    others: new Map(found.filter((each) => !isOwn(each)).map((each) => [each._id.processor, each.owner])),
  };
}

export function createClaims(deployed: Collection<DeployedProcessor>, { workspace, owner }: ClaimsOptions): Claims {
  return {
    take: async (processor) => {
      const _id = { workspace, processor };
      // One atomic write: of two projects that take it at once, one has it.
      const found = await deployed.findOneAndUpdate(
        { _id },
        { $setOnInsert: { owner } },
        { upsert: true, returnDocument: "after" },
      );
      if (found === null || found.owner === owner) return;
      throw new AspError("ASP6045", `the processor \`${processor}\` has become the project \`${found.owner}\`'s`, {
        help: "run `asp plan` to see what is there now",
      });
    },
    release: async (processor) => {
      await deployed.deleteOne({ _id: { workspace, processor }, owner });
    },
  };
}
