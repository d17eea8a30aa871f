import { Type } from "@sinclair/typebox";
import { defineStage } from "./define-stage.ts";
import { collection, connection, database, duration, fields, path, whole } from "./values.ts";

/**
 * Joins documents of a collection and remembers them for a while. Source: asp-language section 1.5.
 *
 * @example
 * { $cachedLookup: {
 *     ttl: { size: 5, unit: "minute" },
 *     from: { connectionName: "domain", db: "shop", coll: "customers" },
 *     localField: "customerId",
 *     foreignField: "_id",
 *     as: "customer",
 * } }
 */
export const $cachedLookup = defineStage({
  name: "$cachedLookup",
  role: "transform",
  contexts: ["main"],
  summary: "Joins documents of a collection and remembers them for a while.",
  runs: true,
  tierLimits: [{ kind: "memoryShare", field: "maxMemUsageBytes", share: 0.125 }],
  args: fields(
    {
      ttl: duration("How long a result is remembered."),
      maxMemUsageBytes: Type.Optional(
        whole("Bytes that the cache may take; default 10 % of the tier's memory, at most 12.5 %.", 1),
      ),
      from: fields(
        {
          connectionName: connection(["Cluster"], "A Cluster connection."),
          db: database("Database."),
          coll: collection("Collection."),
        },
        { description: "The collection." },
      ),
      localField: path("Field of the document."),
      foreignField: path("Field of the joined documents that must be equal."),
      as: path("Field that gets the array of joined documents."),
    },
    {
      mistaken: {
        let: "use `$lookup`, which has it",
        pipeline: "use `$lookup`, which has it",
        parallelism: "use `$lookup`, which has it",
      },
    },
  ),
});
