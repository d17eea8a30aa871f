import { Type, type TProperties } from "@sinclair/typebox";
import type { connectionTypes } from "../../../config/connection-schema.ts";
import { closed, name, oneOf, optional, readOnly, textMap } from "./parts.ts";

const text = Type.String();
const aws = closed({ roleArn: optional(text), testBucket: optional(text) });
const access = closed({
  type: optional(oneOf(["PUBLIC", "VPC", "PRIVATE_LINK", "TRANSIT_GATEWAY"])),
  connectionId: optional(text),
  name: optional(text),
  tgwRouteId: optional(text),
});
const networking = closed({ access: optional(access) });
const dbRoleToExecute = closed({ role: text, type: optional(oneOf(["BUILT_IN", "CUSTOM"])) });

/** Never in a reply. Source: asp-control-plane 1.3, `wo`. */
const kafkaSecrets = {
  password: optional(text),
  clientSecret: optional(text),
  sslKey: optional(text),
  sslKeyPassword: optional(text),
};
const kafkaAuthentication = {
  mechanism: optional(oneOf(["PLAIN", "SCRAM-256", "SCRAM-512", "OAUTHBEARER"])),
  username: optional(text),
  method: optional(text),
  clientId: optional(text),
  tokenEndpointUrl: optional(text),
  scope: optional(text),
  saslOauthbearerExtensions: optional(text),
  sslCertificate: optional(text),
  aws: optional(aws),
};
const registryAuthentication = { type: oneOf(["USER_INFO", "SASL_INHERIT"]), username: optional(text) };

/** Names of fields that are taken and never given back, wherever they stand. */
export const secretFields: readonly string[] = Object.keys(kafkaSecrets);

const shared = { region: optional(text) };

const cluster = {
  clusterName: optional(name),
  clusterGroupId: optional(text),
  dbRoleToExecute: optional(dbRoleToExecute),
};
const kafka = (withSecrets: TProperties) => ({
  bootstrapServers: optional(text),
  authentication: optional(closed({ ...kafkaAuthentication, ...withSecrets })),
  security: optional(
    closed({
      protocol: optional(oneOf(["SASL_PLAINTEXT", "SASL_SSL", "SSL"])),
      brokerPublicCertificate: optional(text),
    }),
  ),
  config: optional(textMap),
  networking: optional(networking),
});

/** Own fields of each type. Source: asp-control-plane 1.3. */
export const fieldsOfTypes = (withSecrets: TProperties, withPassword: TProperties) =>
  ({
    Sample: {},
    Cluster: cluster,
    Kafka: kafka(withSecrets),
    Https: { url: optional(text), headers: optional(textMap) },
    AWSLambda: { aws: optional(aws), publicPrivateNetworking: optional(networking) },
    S3: { aws: optional(aws), networking: optional(networking) },
    AWSKinesisDataStreams: { aws: optional(aws), networking: optional(networking) },
    SchemaRegistry: {
      provider: optional(text),
      schemaRegistryUrls: optional(Type.Array(text, { minItems: 1, maxItems: 10 })),
      schemaRegistryAuthentication: optional(closed({ ...registryAuthentication, ...withPassword })),
    },
    AzureBlobStorage: {
      azure: optional(
        closed({ servicePrincipalId: optional(text), storageAccountName: optional(text), region: optional(text) }),
      ),
      publicPrivateNetworking: optional(networking),
    },
    GCPPubSub: {
      gcp: optional(closed({ serviceAccountId: optional(text) })),
      publicPrivateNetworking: optional(networking),
    },
  }) satisfies Record<(typeof connectionTypes)[number], TProperties>;

const requestFields = fieldsOfTypes(kafkaSecrets, { password: optional(text) });
const allFields = Object.assign({}, ...Object.values(requestFields)) as TProperties;

/** Names of the fields that a type has of its own. */
export function ownFieldsOf(type: string): readonly string[] {
  return Object.keys(requestFields[type as keyof typeof requestFields] ?? {});
}

/** A connection as a client sends it, of any type; which fields go with which type is checked after that. */
export const connectionRequest = closed({
  id: readOnly,
  state: readOnly,
  links: readOnly,
  name: optional(name),
  type: optional(text),
  ...shared,
  ...allFields,
});

const replyFields = fieldsOfTypes({}, {});
const allReplyFields = Object.assign({}, ...Object.values(replyFields)) as TProperties;

export const connectionReply = closed({
  id: text,
  name,
  type: text,
  state: oneOf(["PENDING", "READY", "DELETING", "FAILED"]),
  ...shared,
  ...allReplyFields,
});

/** Only Cluster and Kafka have failover connections. */
export const failoverRequest = closed({
  id: readOnly,
  state: readOnly,
  links: readOnly,
  name: optional(name),
  type: optional(oneOf(["Cluster", "Kafka"])),
  ...shared,
  ...requestFields.Cluster,
  ...requestFields.Kafka,
});

export const failoverReply = closed({
  id: text,
  name: optional(name),
  type: optional(text),
  state: text,
  ...shared,
  ...replyFields.Cluster,
  ...replyFields.Kafka,
});
