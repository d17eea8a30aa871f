import { Type } from "@sinclair/typebox";
import { defineStage } from "./define-stage.ts";
import type { PayloadStage } from "./payload-stages.ts";
import { computedText, connection, expressions, fields, flag, path, pipeline, whole, word } from "./values.ts";

/**
 * Sends a request with each document, and puts the response into a field. As the last stage it keeps nothing of the response.
 *
 * `onError` speaks of 400, 404, 410, 413, 414 and 431; any other status that is no success fails the processor. Source: asp-language
 * section 1.3.
 *
 * @example
 * { $https: { connectionName: "prices", path: { $concat: ["/sku/", "$sku"] }, as: "price" } }
 */
export const $https = defineStage({
  name: "$https",
  role: "transform",
  mayEnd: true,
  contexts: ["main", "window"],
  summary: "Sends a request with each document, and puts the response into a field.",
  runs: true,
  args: fields({
    connectionName: connection(["Https"], "An Https connection."),
    path: Type.Optional(computedText("Path below the connection's URL, or an expression that gives it.")),
    parameters: Type.Optional(expressions("Query parameters: values or expressions.", { takes: "scalars" })),
    method: Type.Optional(word(["GET", "POST", "PUT", "PATCH", "DELETE"], "Default GET.")),
    headers: Type.Optional(expressions("Header names to texts or expressions.", { takes: "texts" })),
    as: Type.Optional(path("Field that gets the response's body.")),
    onError: Type.Optional(
      word(["dlq", "ignore", "fail"], "What a refused request does; default dlq.", {
        mistaken: { discard: "write `ignore`: the document passes on without a response" },
      }),
    ),
    payload: Type.Optional(
      pipeline<PayloadStage>("payload", "Stages that make the request's body; default: the whole document."),
    ),
    config: Type.Optional(
      fields(
        {
          connectionTimeoutSec: Type.Optional(whole("Seconds to connect; default 30.", 1)),
          requestTimeoutSec: Type.Optional(whole("Seconds for the whole request; default 60.", 1)),
          parseJsonStrings: Type.Optional(flag("Parse texts of the response that hold JSON; default false.")),
        },
        { description: "Time limits, and how the response is read." },
      ),
    ),
  }),
  relations: [{ kind: "required", field: "as", unlessLast: true }],
});
