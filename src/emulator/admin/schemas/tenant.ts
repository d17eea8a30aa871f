import { Type } from "@sinclair/typebox";
import { anyDocument, closed, hexId, name, nullable, oneOf, optional, readOnly, tier } from "./parts.ts";

const cloudProvider = oneOf(["AWS", "AZURE", "GCP", "TENANT", "SERVERLESS"]);
const region = closed({ cloudProvider, region: Type.String({ minLength: 1 }) });
const streamConfig = closed({ tier: optional(nullable(tier)), maxTierSize: optional(nullable(tier)) });
const failoverRegions = Type.Array(anyDocument, { maxItems: 2 });

/** `StreamsTenant` as a client sends it. Source: asp-control-plane 1.2. */
export const tenantRequest = closed({
  _id: readOnly,
  groupId: readOnly,
  hostnames: readOnly,
  connections: readOnly,
  links: readOnly,
  name,
  dataProcessRegion: region,
  sampleConnections: optional(closed({ solar: optional(Type.Boolean()) })),
  streamConfig: optional(streamConfig),
  failoverRegions: optional(failoverRegions),
});

/** `StreamsTenantUpdateRequest`. */
export const tenantUpdate = closed({
  links: readOnly,
  cloudProvider: optional(cloudProvider),
  region: optional(Type.String({ minLength: 1 })),
  streamConfig: optional(streamConfig),
  failoverRegions: optional(failoverRegions),
  processorStatus: optional(
    closed({
      status: oneOf(["STARTED", "STOPPED", "FAILED_OVER"]),
      region: optional(Type.String({ minLength: 1 })),
      mode: optional(oneOf(["GRACEFUL", "FORCED"])),
    }),
  ),
});

export const tenantReply = closed({
  _id: hexId,
  groupId: hexId,
  name,
  dataProcessRegion: region,
  hostnames: Type.Array(Type.String()),
  streamConfig: closed({ tier, maxTierSize: optional(tier) }),
  failoverRegions,
  connections: optional(Type.Array(anyDocument)),
});
