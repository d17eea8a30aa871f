import { Type } from "@sinclair/typebox";
import type { Static } from "@sinclair/typebox";
import { handedOn, mapping, named, oneOf, text } from "./shape.ts";

/** Connection types of the service's registry. Source: Admin API, `StreamsConnection`. */
export const connectionTypes = [
  "Cluster",
  "Kafka",
  "Https",
  "AWSLambda",
  "AWSKinesisDataStreams",
  "S3",
  "AzureBlobStorage",
  "GCPPubSub",
  "SchemaRegistry",
  "Sample",
] as const;

const access = mapping({
  type: Type.Optional(oneOf(["PUBLIC", "VPC", "PRIVATE_LINK", "TRANSIT_GATEWAY"], "How the service reaches it.")),
  connectionId: Type.Optional(text("Id of the private link.")),
  name: Type.Optional(text("Name of the network peering.")),
  tgwRouteId: Type.Optional(text("Id of the transit gateway route.")),
});

const networking = mapping({ access: Type.Optional(access) }, { description: "Network path to it." });

const authentication = mapping(
  {
    mechanism: Type.Optional(oneOf(["PLAIN", "SCRAM-256", "SCRAM-512", "OAUTHBEARER"], "SASL mechanism.")),
    username: Type.Optional(text("User; `$ConnectionString` for Event Hubs.")),
    password: Type.Optional(text("Password: `${NAME}`, never the password itself.")),
    method: Type.Optional(text("`OIDC` with OAUTHBEARER.")),
    clientId: Type.Optional(text("OAuth client id.")),
    clientSecret: Type.Optional(text("OAuth client secret: `${NAME}`.")),
    tokenEndpointUrl: Type.Optional(text("Where tokens come from.")),
    scope: Type.Optional(text("OAuth scope.")),
    saslOauthbearerExtensions: Type.Optional(text("SASL extensions.")),
    sslCertificate: Type.Optional(text("Client certificate, PEM.")),
    sslKey: Type.Optional(text("Client key, PEM: `${NAME}`.")),
    sslKeyPassword: Type.Optional(text("Password of the client key: `${NAME}`.")),
    aws: Type.Optional(handedOn("IAM role: `roleArn`.")),
  },
  { description: "How to authenticate with the Kafka brokers." },
);

const security = mapping(
  {
    protocol: Type.Optional(oneOf(["SASL_PLAINTEXT", "SASL_SSL", "SSL"], "Kafka security protocol.")),
    brokerPublicCertificate: Type.Optional(text("Certificate of the brokers' authority, PEM.")),
  },
  { description: "Encryption of the connection to Kafka." },
);

const schemaRegistryAuthentication = mapping({
  type: oneOf(["USER_INFO", "SASL_INHERIT"], "Own user, or that of the Kafka connection."),
  username: Type.Optional(text("User.")),
  password: Type.Optional(text("Password: `${NAME}`.")),
});

const functionModule = mapping({
  module: text(
    "Path of a module, from this file's folder, that exports `async (event, context) => result` by default.",
  ),
  timeoutSec: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 900, description: "Seconds that a call may take; default 3." }),
  ),
});

/**
 * What a connection name stands for: shared in `connections`, and per environment in `environments.<name>.connections`.
 *
 * The fields are the Admin API's own, of all types; which type takes which is the service's to say.
 */
export const connectionSchema = mapping(
  {
    type: Type.Optional(oneOf(connectionTypes, "Kind of connection, as the service names it.")),
    uri: Type.Optional(
      text(
        "Where asp itself finds it when it runs processors, and makes collections and indexes: `mongodb://…`, best as `${NAME}` or `${exec:command}`.",
      ),
    ),
    name: Type.Optional(text("Its name in the workspace, where that differs.")),
    manage: Type.Optional(Type.Boolean({ description: "`asp deploy` creates and changes it." })),
    region: Type.Optional(text("Region, as the service names it.")),
    clusterName: Type.Optional(text("Cluster: name of the Atlas cluster.")),
    clusterGroupId: Type.Optional(text("Cluster: id of its project, where it is another one.")),
    dbRoleToExecute: Type.Optional(
      mapping({
        role: text("Role that processors act with."),
        type: Type.Optional(oneOf(["BUILT_IN", "CUSTOM"], "Kind of role.")),
      }),
    ),
    bootstrapServers: Type.Optional(text("Kafka: brokers, `host:port`, several with commas.")),
    authentication: Type.Optional(authentication),
    security: Type.Optional(security),
    config: Type.Optional(named(Type.Unsafe<string | number | boolean>({}), "Kafka: client settings.")),
    networking: Type.Optional(networking),
    publicPrivateNetworking: Type.Optional(networking),
    url: Type.Optional(
      text("Https: base address. AWSLambda: where asp itself calls functions, in the form of Lambda's Invoke."),
    ),
    functions: Type.Optional(
      named(functionModule, "AWSLambda: name or ARN of a function → the module that asp itself runs in its place."),
    ),
    headers: Type.Optional(named(text("Header value."), "Https: headers of every request.")),
    aws: Type.Optional(handedOn("AWS: `roleArn`, for S3 also `testBucket`.")),
    azure: Type.Optional(handedOn("Azure: `servicePrincipalId`, `storageAccountName`.")),
    gcp: Type.Optional(handedOn("Google Cloud: `serviceAccountId`.")),
    provider: Type.Optional(text("SchemaRegistry: `CONFLUENT`.")),
    schemaRegistryUrls: Type.Optional(
      Type.Array(text("Address of a registry."), {
        minItems: 1,
        maxItems: 10,
        description: "SchemaRegistry: addresses.",
      }),
    ),
    schemaRegistryAuthentication: Type.Optional(schemaRegistryAuthentication),
  },
  { description: "A named entry of the connection registry." },
);

export type ConnectionConfig = Static<typeof connectionSchema>;
