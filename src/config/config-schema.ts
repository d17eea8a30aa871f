import { Type } from "@sinclair/typebox";
import type { Static } from "@sinclair/typebox";
import { defaultEnvelope } from "../projections/envelope-path.ts";
import { collectionSchema } from "./collection-schema.ts";
import { connectionSchema } from "./connection-schema.ts";
import { environmentSchema } from "./environment-schema.ts";
import { findingSettings } from "./findings-schema.ts";
import { mapping, named, text } from "./shape.ts";

const field = (name: keyof typeof defaultEnvelope, about: string) =>
  Type.Optional(
    text(`Field path of ${about}; default \`${defaultEnvelope[name]}\`.`, { default: defaultEnvelope[name] }),
  );

const envelopeSchema = mapping(
  {
    id: field("id", "the event's id"),
    stream: field("stream", "the id of the event's stream"),
    version: field("version", "the event's number within its stream"),
    type: field("type", "the event's type"),
    time: field("time", "when it happened"),
    data: field("data", "the payload; `.` where its fields are the document's own"),
  },
  { description: "Where an event's parts are in the stored document." },
);

const eventsSchema = mapping(
  {
    connectionName: text("Connection of type Cluster."),
    db: text("Database."),
    coll: text("Collection of events."),
    envelope: Type.Optional(envelopeSchema),
  },
  { description: "The event store that projections read." },
);

/** The whole shape of `atlas.config.yaml`, published as `schema/atlas.config.schema.json`. */
export const configSchema = mapping(
  {
    $schema: Type.Optional(Type.String({ description: "Address of this schema, for editors." })),
    events: Type.Optional(eventsSchema),
    connections: Type.Optional(named(connectionSchema, "Connection name → type, and whatever all environments share.")),
    collections: Type.Optional(
      Type.Array(collectionSchema, { description: "Collections that sinks and sources need." }),
    ),
    findings: Type.Optional(findingSettings("Code of a finding → its severity in every environment.")),
    environments: Type.Optional(
      named(environmentSchema, "Named targets; `local`, the default, is always there and runs on this machine."),
    ),
  },
  {
    $id: "urn:asp-toolkit:atlas.config",
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "atlas.config.yaml",
    description: "Configuration of asp: event store, connections, collections and environments.",
  },
);

/** The file's content as written, before defaults. */
export type ConfigText = Static<typeof configSchema>;
