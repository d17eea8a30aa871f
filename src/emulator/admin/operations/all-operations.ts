import type { Operation } from "../operation.ts";
import { accountDetails } from "./account-details.ts";
import { connectionOperations } from "./connections.ts";
import { failoverOperations } from "./failover-connections.ts";
import { logOperations } from "./logs.ts";
import { peeringOperations } from "./vpc-peering.ts";
import { privateLinkOperations } from "./private-links.ts";
import { processorOperations } from "./processors.ts";
import { surroundingOperations } from "./surroundings.ts";
import { tenantOperations } from "./tenants.ts";

/** Every operation of the Admin API that the emulator answers. */
export const operations: readonly Operation[] = [
  ...tenantOperations,
  ...logOperations,
  ...connectionOperations,
  ...failoverOperations,
  ...processorOperations,
  accountDetails,
  ...privateLinkOperations,
  ...peeringOperations,
  ...surroundingOperations,
];
