import { Type } from "@sinclair/typebox";
import { defineStage } from "./define-stage.ts";
import type { PayloadStage } from "./payload-stages.ts";
import { connection, expression, fields, literal, parallelism, path, pipeline, word } from "./values.ts";

/**
 * Calls an AWS Lambda function with each document. Workspaces on AWS only. Source: asp-language section 1.9.
 *
 * @example
 * { $externalFunction: { connectionName: "lambda", functionName: "enrich", as: "enriched" } }
 */
export const $externalFunction = defineStage({
  name: "$externalFunction",
  role: "transform",
  mayEnd: true,
  contexts: ["main", "window"],
  summary: "Calls an AWS Lambda function with each document.",
  runs: true,
  providers: ["AWS"],
  ownRegion: { arnField: "functionName" },
  args: fields({
    connectionName: connection(["AWSLambda"], "An AWSLambda connection."),
    functionName: literal("Name or ARN of the function."),
    execution: Type.Optional(word(["sync", "async"], "Whether to wait for the answer; default sync.")),
    as: Type.Optional(path("Field that gets the answer.")),
    onError: Type.Optional(word(["dlq", "ignore", "fail"], "What a failed call does; default dlq.")),
    payload: Type.Optional(
      pipeline<PayloadStage>("payload", "Stages that make the payload; default: the whole document."),
    ),
    parallelism: Type.Optional(parallelism("Calls at the same time; default 1.")),
    partitionBy: Type.Optional(expression("Documents with the same value are called for in order.")),
  }),
  relations: [
    { kind: "only", field: "as", with: { field: "execution", values: ["sync"], absent: true } },
    {
      kind: "required",
      field: "as",
      when: { field: "execution", values: ["sync"], absent: true },
      unlessLast: true,
    },
    { kind: "only", field: "parallelism", above: 1, with: { field: "execution", values: ["sync"], absent: true } },
    { kind: "only", field: "partitionBy", with: { field: "execution", values: ["sync"], absent: true } },
    { kind: "needs", field: "partitionBy", other: "parallelism", above: 1 },
  ],
});
