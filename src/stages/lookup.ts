import { Type } from "@sinclair/typebox";
import { defineStage } from "./define-stage.ts";
import {
  collection,
  connection,
  database,
  expression,
  expressions,
  fields,
  parallelism,
  path,
  pipeline,
} from "./values.ts";

/**
 * Joins documents of a collection on a cluster. Its `pipeline` runs on that cluster, by the cluster's own rules. Source: asp-language
 * section 1.4.
 *
 * @example
 * { $lookup: {
 *     from: { connectionName: "domain", db: "shop", coll: "customers" },
 *     localField: "customerId",
 *     foreignField: "_id",
 *     as: "customer",
 * } }
 */
export const $lookup = defineStage({
  name: "$lookup",
  role: "transform",
  contexts: ["main", "window", "cluster"],
  summary: "Joins documents of a collection on a cluster.",
  runs: true,
  args: fields({
    from: Type.Optional(
      fields(
        {
          connectionName: connection(["Cluster"], "A Cluster connection."),
          db: database("Database."),
          coll: collection("Collection."),
        },
        { description: "The collection; only a pipeline that begins with `$documents` needs none." },
      ),
    ),
    localField: Type.Optional(path("Field of the document.")),
    foreignField: Type.Optional(path("Field of the joined documents that must be equal.")),
    let: Type.Optional(expressions("Variables of the pipeline, over the document.")),
    pipeline: Type.Optional(pipeline("cluster", "Stages that the cluster runs over the joined documents.")),
    as: path("Field that gets the array of joined documents."),
    parallelism: Type.Optional(parallelism("Look-ups at the same time; default 1.", 64)),
    partitionBy: Type.Optional(expression("Documents with the same value are looked up in order.")),
  }),
  relations: [
    { kind: "some", fields: ["from", "pipeline"] },
    { kind: "some", fields: ["localField", "pipeline"] },
    { kind: "needs", field: "localField", other: "foreignField" },
    { kind: "needs", field: "foreignField", other: "localField" },
    { kind: "needs", field: "localField", other: "from" },
    { kind: "needs", field: "let", other: "pipeline" },
  ],
});
