import { Type } from "@sinclair/typebox";
import { closed, hexId, oneOf, optional, readOnly } from "./parts.ts";

const text = Type.String();
const provider = oneOf(["AWS", "AZURE", "GCP"]);

const ownFields = {
  provider,
  vendor: optional(text),
  region: optional(text),
  serviceEndpointId: optional(text),
  dnsDomain: optional(text),
  dnsSubDomain: optional(Type.Array(text)),
  arn: optional(text),
  authenticationScheme: optional(oneOf(["TLS", "SASL_SCRAM", "IAM"])),
  azureResourceIds: optional(Type.Array(text)),
  gcpServiceAttachmentUris: optional(Type.Array(text, { maxItems: 3 })),
  gcpConnectionIds: optional(Type.Array(text, { maxItems: 3 })),
};

/** `StreamsPrivateLinkConnection` as a client sends it. Source: asp-control-plane 1.3. */
export const privateLinkRequest = closed({
  _id: readOnly,
  links: readOnly,
  state: readOnly,
  errorMessage: readOnly,
  interfaceEndpointId: readOnly,
  interfaceEndpointName: readOnly,
  providerAccountId: readOnly,
  ...ownFields,
});

export const privateLinkChange = closed({ links: readOnly, dnsDomain: text });

export const privateLinkReply = closed({
  _id: hexId,
  state: optional(text),
  errorMessage: optional(text),
  ...ownFields,
});

export const acceptRequest = closed({ links: readOnly, requesterAccountId: text, requesterVpcId: text });

/** Fields as the SDKs have them. */
export const peeringReply = closed({
  _id: hexId,
  groupId: hexId,
  name: optional(text),
  accepterAccountId: optional(text),
  accepterCidr: optional(text),
  accepterVpcId: optional(text),
  cloudStatus: optional(text),
  expirationTime: optional(text),
  localStatus: optional(text),
  requesterAccountId: optional(text),
  requesterCidr: optional(text),
  requesterVpcId: optional(text),
  statusMessage: optional(text),
});

export const accountDetailsReply = closed({
  cloudProvider: provider,
  cidrBlock: optional(text),
  awsAccountId: optional(text),
  vpcId: optional(text),
  azureSubscriptionId: optional(text),
  virtualNetworkName: optional(text),
  gcpProjectId: optional(text),
  vpcNetworkName: optional(text),
});
