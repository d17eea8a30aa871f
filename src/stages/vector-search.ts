import { Type } from "@sinclair/typebox";
import { defineStage } from "./define-stage.ts";
import {
  collection,
  connection,
  database,
  expression,
  expressions,
  fields,
  flag,
  path,
  pipeline,
  query,
  text,
  whole,
} from "./values.ts";

/**
 * Runs one vector search for each document and stores what it finds in an array. Source: asp-language section 1.14.
 *
 * @example
 * { $vectorSearch: {
 *     from: { connectionName: "domain", db: "shop", coll: "products" },
 *     index: "embeddings",
 *     path: "embedding",
 *     queryVector: "$embedding",
 *     numCandidates: 100,
 *     limit: 5,
 *     as: "similar",
 * } }
 */
export const $vectorSearch = defineStage({
  name: "$vectorSearch",
  role: "transform",
  contexts: ["main"],
  summary: "Runs one vector search for each document and stores what it finds in an array.",
  runs: false,
  args: fields({
    from: fields(
      {
        connectionName: connection(["Cluster"], "A Cluster connection."),
        db: database("Database."),
        coll: collection("Collection."),
      },
      { description: "The collection." },
    ),
    as: path("Field that gets the array."),
    index: text("Name of the vector search index."),
    path: path("Field of the index."),
    limit: whole("How many results; at most numCandidates.", 1),
    queryVector: Type.Optional(expression("The vector, or a field path.")),
    query: Type.Optional(
      fields(
        {
          text: expression("The text, or a field path."),
          model: Type.Optional(text("Embedding model.")),
        },
        { description: "A text that the service turns into a vector." },
      ),
    ),
    numCandidates: Type.Optional(whole("Neighbours to consider; needed unless exact is true.", 1)),
    exact: Type.Optional(flag("Exact instead of approximate search; default false.")),
    filter: Type.Optional(query("A query that narrows the search.")),
    searchNodePreference: Type.Optional(
      fields({ key: text("Documents with one key go to one search node.") }, { description: "Which node is asked." }),
    ),
    let: Type.Optional(expressions("Variables of the pipeline, over the document.")),
    pipeline: Type.Optional(pipeline("cluster", "Stages that the cluster runs over the results.")),
  }),
  relations: [
    { kind: "some", fields: ["queryVector", "query"], exactly: true },
    { kind: "required", field: "numCandidates", when: { field: "exact", values: [false], absent: true } },
    { kind: "atMost", field: "limit", other: "numCandidates" },
    { kind: "needs", field: "let", other: "pipeline" },
  ],
});
