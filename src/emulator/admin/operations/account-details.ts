import { Type } from "@sinclair/typebox";
import { createHash } from "node:crypto";
import { defineOperation, streams, type Operation } from "../operation.ts";
import { accountDetailsReply } from "../schemas/networking.ts";
import { oneOf } from "../schemas/parts.ts";
import { checkRegion } from "./tenant-json.ts";

const query = { cloudProvider: oneOf(["AWS", "AZURE", "GCP"]), regionName: Type.String({ minLength: 1 }) };

/** Accounts of the service's side: of the right form, and always the same for a project and a region. */
export const accountDetails: Operation = defineOperation(`GET ${streams}/accountDetails`, {
  id: "getGroupStreamAccountDetails",
  versions: ["2024-11-13"],
  needs: "reader",
  query,
  reply: accountDetailsReply,
  handle: ({ project, query: { cloudProvider, regionName } }) => {
    checkRegion({ cloudProvider, region: regionName });
    const seed = createHash("sha256").update(`${project.id} ${cloudProvider} ${regionName}`).digest("hex");
    const digits = BigInt(`0x${seed.slice(0, 16)}`)
      .toString()
      .padStart(12, "0")
      .slice(0, 12);
    const cidrBlock = `10.${Number.parseInt(seed.slice(0, 2), 16)}.0.0/16`;
    const uuid = [seed.slice(0, 8), seed.slice(8, 12), seed.slice(12, 16), seed.slice(16, 20), seed.slice(20, 32)];
    switch (cloudProvider) {
      case "AWS":
        return { awsAccountId: digits, cidrBlock, cloudProvider, vpcId: `vpc-${seed.slice(0, 17)}` };
      case "AZURE":
        return {
          azureSubscriptionId: uuid.join("-"),
          cidrBlock,
          cloudProvider,
          virtualNetworkName: `vnet-${seed.slice(0, 12)}`,
        };
      case "GCP":
        return {
          cidrBlock,
          cloudProvider,
          gcpProjectId: `p-${seed.slice(0, 20)}`,
          vpcNetworkName: `nt-${seed.slice(0, 12)}`,
        };
    }
  },
});
