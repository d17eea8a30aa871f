import { Type } from "@sinclair/typebox";
import type { Static } from "@sinclair/typebox";
import { tierNames } from "../stages/tiers.ts";
import { connectionSchema } from "./connection-schema.ts";
import { findingSettings } from "./findings-schema.ts";
import { mapping, named, oneOf, text } from "./shape.ts";

/** Where an environment's processors run. */
export const targets = ["emulator", "admin-api", "wire"] as const;

export const deadLetterSchema = mapping(
  {
    connectionName: text("Connection of type Cluster."),
    db: text("Database."),
    coll: text("Collection."),
  },
  { description: "Dead letter queue of the processors that name none." },
);

/** With `type`, the keys that it needs. */
const authSchema = mapping(
  {
    type: oneOf(["service-account", "api-key"], "Kind of credentials for the Admin API."),
    clientId: Type.Optional(text("service-account: client id.")),
    clientSecret: Type.Optional(text("service-account: client secret, as `${NAME}` or `${exec:command}`.")),
    publicKey: Type.Optional(text("api-key: public key.")),
    privateKey: Type.Optional(text("api-key: private key, as `${NAME}` or `${exec:command}`.")),
  },
  {
    description: "Credentials for the Admin API.",
    allOf: [
      { if: { properties: { type: { const: "service-account" } } }, then: { required: ["clientId", "clientSecret"] } },
      { if: { properties: { type: { const: "api-key" } } }, then: { required: ["publicKey", "privateKey"] } },
    ],
  },
);

const checkpointsSchema = mapping(
  {
    connectionName: Type.Optional(text("Connection of type Cluster; default: that of the first sink.")),
    db: Type.Optional(text("Database of the collection `asp_checkpoints`; default `asp`.")),
  },
  { description: "Where `asp run` keeps the positions of processors." },
);

const recordSchema = mapping(
  {
    connectionName: text("Connection of type Cluster, with the `uri` at which asp finds it."),
    db: Type.Optional(text("Database; default `asp`.")),
    coll: Type.Optional(text("Collection; default `asp_deployed`.")),
    owner: Type.Optional(text("Name of this project, where several share a workspace and a record; default `asp`.")),
  },
  { description: "Where it is recorded which processors of the workspace are this project's." },
);

export const environmentSchema = mapping(
  {
    target: Type.Optional(oneOf(targets, "Where processors run; default `emulator`: on this machine.")),
    dlq: Type.Optional(deadLetterSchema),
    databases: Type.Optional(named(text("Its name here."), "Databases that are named differently here.")),
    collections: Type.Optional(
      named(
        text("The collection's own name here."),
        "Collections that are named differently here, by `db.coll` as pipelines name them.",
      ),
    ),
    connections: Type.Optional(
      named(connectionSchema, "What each connection name is here, in the Admin API's own fields."),
    ),
    checkpoints: Type.Optional(checkpointsSchema),
    findings: Type.Optional(findingSettings("Code of a finding → its severity here.")),
    projectId: Type.Optional(
      text("Atlas project (24 hexadecimal digits); tells workspaces of one name apart in a `record`."),
    ),
    workspace: Type.Optional(text("Stream processing workspace; made with `manage` where it is not there.")),
    provider: Type.Optional(oneOf(["AWS", "AZURE", "GCP"], "Cloud provider of the workspace.")),
    region: Type.Optional(text("Region of the workspace, as the service names it: `westeurope`, `VIRGINIA_USA` …")),
    tier: Type.Optional(oneOf(tierNames, "Tier of processors that name none.")),
    maxTier: Type.Optional(oneOf(tierNames, "With `manage`: the largest tier that the workspace allows.")),
    auth: Type.Optional(authSchema),
    baseUrl: Type.Optional(text("Address of the Admin API; default `https://cloud.mongodb.com`.")),
    uri: Type.Optional(text("wire: connection string of the workspace, as `${NAME}` or `${exec:command}`.")),
    caFile: Type.Optional(
      text("Certificates to trust beside the usual ones, PEM: that of `asp emulator`, or a proxy's."),
    ),
    record: Type.Optional(recordSchema),
    manage: Type.Optional(
      Type.Boolean({
        description: "`asp deploy` creates the workspace and its connections, and changes them as written here.",
      }),
    ),
  },
  { description: "A named target." },
);

export type EnvironmentConfig = Static<typeof environmentSchema>;
