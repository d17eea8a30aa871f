import { Type } from "@sinclair/typebox";
import type { Static } from "@sinclair/typebox";
import { connectionSchema, connectionTypes } from "../../config/connection-schema.ts";
import { mapping, oneOf, text } from "../../config/shape.ts";
import { tierNames } from "../../stages/tiers.ts";

const role = Type.Optional(oneOf(["readWrite", "read"], "What it may do; default `readWrite`, everything."));

const user = mapping({ name: text("Name."), password: text("Password."), role });
const apiKey = mapping({
  publicKey: text("Public part: the user."),
  privateKey: text("Private part: the password."),
  role,
});
const serviceAccount = mapping({
  clientId: text("OAuth client id."),
  clientSecret: text("OAuth client secret."),
  role,
});

const processor = Type.Object(
  {
    name: text("Name of the processor."),
    pipeline: Type.Array(Type.Unsafe<Readonly<Record<string, unknown>>>({ type: "object" }), {
      description: "Stages, as `asp compile` writes them: EJSON types are kept.",
    }),
    options: Type.Optional(Type.Unsafe<Readonly<Record<string, unknown>>>({ type: "object" })),
    state: Type.Optional(oneOf(["CREATED", "STARTED"], "Default CREATED.")),
  },
  { additionalProperties: false, description: "A processor that is made where it is missing." },
);

// What asp runs in a registry's place is the config's to say.
const { functions: _, ...settings } = connectionSchema.properties;

const connection = mapping({
  ...settings,
  name: text("Name of the connection."),
  type: oneOf(connectionTypes, "Kind of connection, as the service names it."),
});

const workspace = mapping({
  name: text("Name of the workspace."),
  provider: Type.Optional(oneOf(["AWS", "AZURE", "GCP"], "Cloud provider; default AWS.")),
  region: Type.Optional(text("Region, as the service names it; default VIRGINIA_USA.")),
  tier: Type.Optional(oneOf(tierNames, "Of processors that name none; default SP10.")),
  maxTier: Type.Optional(oneOf(tierNames, "Largest tier; default SP50.")),
  connections: Type.Optional(
    Type.Array(connection, {
      description: "Set to what stands here at each start; `${NAME}` are variables of the process.",
    }),
  ),
  processors: Type.Optional(Type.Array(processor, { description: "Made where they are missing." })),
});

/** What `asp emulator --seed` reads: what is there from the beginning. Published as `schema/emulator-seed.schema.json`. */
export const seedSchema = mapping(
  {
    projectId: Type.Optional(text("24 hexadecimal digits.", { pattern: "^[0-9a-f]{24}$" })),
    users: Type.Optional(Type.Array(user, { description: "Users of the wire endpoint; default one that is made up." })),
    apiKeys: Type.Optional(Type.Array(apiKey, { description: "Of the Admin API; default one that is made up." })),
    serviceAccounts: Type.Optional(
      Type.Array(serviceAccount, { description: "Of the Admin API; default one that is made up." }),
    ),
    workspaces: Type.Optional(
      Type.Array(workspace, { description: "Beside the first one, or in place of it where the name is the same." }),
    ),
  },
  {
    $id: "urn:asp-toolkit:emulator-seed",
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "What asp emulator begins with",
  },
);

export type Seed = Static<typeof seedSchema>;
