import { Type } from "@sinclair/typebox";
import { collection, database, text } from "../stages/values.ts";

/** Shape of `options.dlq`. */
export const dlqSchema = Type.Object(
  { connectionName: text("A Cluster connection."), db: database("Database."), coll: collection("Collection.") },
  { additionalProperties: false },
);
