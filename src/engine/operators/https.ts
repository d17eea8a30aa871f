import type { Document } from "bson";
import { AspError } from "../../diagnostics/asp-error.ts";
import { fieldOf } from "../core/exact-bson.ts";
import { buildUrl, mergeHeaders, type Endpoint } from "../core/http-request.ts";
import { judgeStatus, readBody } from "../core/http-response.ts";
import { operatorExpressions } from "../core/operator-expressions.ts";
import { createCaller } from "./caller.ts";
import { readEndpoint } from "./endpoint.ts";
import type { Operator, OperatorContext } from "./operator.ts";

/** Requests that change nothing over there are sent so many at a time; all others one after the other, in the order of the stream. */
const getsAtOnce = 8;

/** `$https`: a request for each document. Source: asp-language section 1.3. */
export function createHttps(args: Document, context: OperatorContext): Operator {
  const method = String(args["method"] ?? "GET");
  const config = (args["config"] ?? {}) as Document;
  const names = { parameters: namesOf(args["parameters"]), headers: namesOf(args["headers"]) };
  let known: Endpoint | undefined;
  const endpoint = (): Endpoint => (known ??= readEndpoint(String(args["connectionName"]), context));
  // A GET has a body only where the stage says what is in it.
  const sendsBody = method !== "GET" || args["payload"] !== undefined;
  return createCaller(
    {
      operator: "$https",
      args,
      expressions: operatorExpressions("$https", args),
      limits: {
        connectionTimeoutMs: Number(config["connectionTimeoutSec"] ?? 30) * 1000,
        requestTimeoutMs: Number(config["requestTimeoutSec"] ?? 60) * 1000,
      },
      lanes: { count: method === "GET" ? getsAtOnce : 1 },
      sendsBody,
      check: () => void endpoint(),
      requestOf: ({ values }, body) => {
        const { url, headers } = endpoint();
        const path = args["path"] === undefined ? undefined : (fieldOf(values, "path") ?? null);
        const address = buildUrl(url, path, pair(names.parameters, fieldOf(values, "parameters")));
        if ("reason" in address) return address;
        const own = mergeHeaders(
          body === undefined ? [] : [["content-type", "application/json"]],
          Object.entries(headers),
          pair(names.headers, fieldOf(values, "headers")),
        );
        return { value: { method, url: address.value, headers: own, body } };
      },
      read: ({ status, statusText, headers, body }) => {
        const answer = `the endpoint has answered with status ${status} ${statusText}`.trimEnd();
        switch (judgeStatus(status)) {
          case "success":
            return readBody(body, headers["content-type"], { parseJsonStrings: config["parseJsonStrings"] === true });
          case "refusal":
            return { reason: answer };
          case "failure":
            throw new AspError("ASP5143", `\`${context.name}\` cannot go on: ${answer}`, {
              help: "mend the endpoint, or what it is asked for, and start again",
            });
        }
      },
      streamOf: ({ url }, { status, timeMs }) => ({
        https: { url: url.href, method, httpStatusCode: status, responseTimeMs: timeMs },
      }),
    },
    context,
  );
}

function namesOf(value: unknown): readonly string[] {
  return Object.keys(value ?? {});
}

function pair(names: readonly string[], values: unknown): readonly (readonly [string, unknown])[] {
  return names.map((name, index) => [name, Array.isArray(values) ? (values[index] as unknown) : undefined]);
}
