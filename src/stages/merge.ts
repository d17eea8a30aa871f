import { Type } from "@sinclair/typebox";
import { defineStage } from "./define-stage.ts";
import {
  choice,
  choiceOrPipeline,
  computedCollection,
  computedDatabase,
  connection,
  expressions,
  fields,
  parallelism,
  paths,
} from "./values.ts";

/**
 * Writes each document to a collection, into the one with the same `on` fields where there is one.
 *
 * `whenMatched` defaults to `merge` and `whenNotMatched` to `insert`, as on the server. The pipeline form sees the stored
 * document as `$field`, the incoming one as `$$new`, and the variables of `let`. Fields of `on` other than `_id` need a
 * unique index. Source: asp-language section 1.8.
 *
 * @example
 * { $merge: {
 *     into: { connectionName: "domain", db: "shop", coll: "orders" },
 *     on: "_id",
 *     whenMatched: "replace",
 * } }
 */
export const $merge = defineStage({
  name: "$merge",
  role: "sink",
  contexts: ["main"],
  summary: "Writes each document to a collection, into the one with the same `on` fields where there is one.",
  runs: true,
  args: fields({
    into: fields(
      {
        connectionName: connection(["Cluster"], "A Cluster connection."),
        db: computedDatabase("Database, or an expression that gives its name."),
        coll: computedCollection("Collection, or an expression that gives its name."),
      },
      { description: "The collection." },
    ),
    on: Type.Optional(paths("Fields that identify a document; default _id.")),
    let: Type.Optional(expressions("Variables of the whenMatched pipeline, over the incoming document.")),
    whenMatched: Type.Optional(
      choiceOrPipeline(
        ["replace", "keepExisting", "merge", "delete"],
        "whenMatched",
        "What happens to a document that is there; default merge.",
      ),
    ),
    whenNotMatched: Type.Optional(choice(["insert", "discard"], "What happens where there is none; default insert.")),
    parallelism: Type.Optional(parallelism("Writers at work at the same time; default 1.")),
  }),
});
