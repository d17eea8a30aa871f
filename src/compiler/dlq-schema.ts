import { Type } from "@sinclair/typebox";
import { collection, connection, database } from "../stages/values.ts";

/** Shape of `options.dlq`. */
export const dlqSchema = Type.Object(
  {
    connectionName: connection(["Cluster"], "A Cluster connection."),
    db: database("Database."),
    coll: collection("Collection."),
  },
  { additionalProperties: false },
);
