import { EJSON } from "bson";
import type { Document } from "bson";
import { AspError } from "../../diagnostics/asp-error.ts";
import { fieldOf } from "../core/exact-bson.ts";
import { mergeHeaders, type Endpoint, type OrReason } from "../core/http-request.ts";
import { readJson } from "../core/http-response.ts";
import { operatorExpressions } from "../core/operator-expressions.ts";
import type { BsonValue } from "../core/set-path.ts";
import type { HttpResponse } from "../http/send-request.ts";
import { createModuleClient, type ModuleClient } from "../functions/module-client.ts";
import { createCaller } from "./caller.ts";
import { readEndpoint } from "./endpoint.ts";
import type { Operator, OperatorContext } from "./operator.ts";

/** So long may a function run. Source: the quotas of AWS Lambda. */
const functionMs = 15 * 60 * 1000;

/**
 * `$externalFunction`: calls an endpoint that has the form of AWS Lambda's Invoke, or a module that the connection names for the function.
 * Source: asp-language section 1.9.
 */
export function createExternalFunction(args: Document, context: OperatorContext): Operator {
  const isAsync = args["execution"] === "async";
  const functionName = String(args["functionName"]);
  const connectionName = String(args["connectionName"]);
  const help = `write where calls go (\`url: http://localhost:3001\`), or the module of \`${functionName}\` below \`functions\``;
  let known: Endpoint | undefined;
  const endpoint = (): Endpoint => (known ??= withPath(readEndpoint(connectionName, context, help)));
  /** A connection with a path of its own stands for one function; else the path is that of Lambda's API. */
  const withPath = ({ url, headers }: Endpoint): Endpoint => {
    const own = new URL(url);
    if (own.pathname === "/") {
      own.pathname = `/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`;
    }
    return { url: own, headers };
  };
  let own: ModuleClient | undefined;
  const standIn = (): ModuleClient | undefined => {
    const { functions = {} } = context.connections.settings(connectionName);
    if (!Object.hasOwn(functions, functionName)) return undefined;
    const { module = "", timeoutSec } = functions[functionName] ?? {};
    return (own ??= createModuleClient({ processor: context.name, functionName, module, timeoutSec }));
  };
  const caller = createCaller(
    {
      operator: "$externalFunction",
      args,
      expressions: operatorExpressions("$externalFunction", args),
      limits: { connectionTimeoutMs: 30_000, requestTimeoutMs: functionMs },
      lanes: {
        count: Number(args["parallelism"] ?? 1),
        laneOf:
          args["partitionBy"] === undefined
            ? undefined
            : ({ values }) => EJSON.stringify(fieldOf(values, "partition") ?? null, { relaxed: false }),
      },
      sendsBody: true,
      standIn,
      check: async () => void (await (standIn()?.load() ?? endpoint())),
      requestOf: (_, body) => {
        const { url, headers } = standIn() === undefined ? endpoint() : nowhere;
        const own = mergeHeaders([["content-type", "application/json"]], Object.entries(headers), [
          ["x-amz-invocation-type", isAsync ? "Event" : "RequestResponse"],
        ]);
        return { value: { method: "POST", url, headers: own, body } };
      },
      read: (response) => readInvocation(response, isAsync, context.name),
      streamOf: () => ({}),
    },
    context,
  );
  return {
    ...caller,
    close: async () => {
      await caller.close();
      own?.close();
    },
  };
}

/** Where a module is called. */
const nowhere: Endpoint = { url: new URL("asp:function"), headers: {} };

/** Answers of Lambda that speak of the document that was sent: no such content, too large. */
const refusals: ReadonlySet<number> = new Set([400, 413, 415]);

/** Answers that pass by themselves: too many calls, a service that is busy. */
function isPassing(status: number): boolean {
  return status === 429 || status >= 500;
}

function readInvocation(
  { status, statusText, headers, body }: HttpResponse,
  isAsync: boolean,
  name: string,
): OrReason<BsonValue | undefined> {
  const answer = `the function's endpoint has answered with status ${status} ${statusText}`.trimEnd();
  if (refusals.has(status)) return { reason: answer };
  if (status < 200 || status >= 300) {
    throw new AspError("ASP5145", `\`${name}\` cannot go on: ${answer}`, {
      help: "check `functionName`, and the connection's `url`",
      retryable: isPassing(status),
    });
  }
  // Nobody waits for what the function says.
  if (isAsync) return { value: undefined };
  if (body === undefined) return { reason: "the function's answer is larger than 16 MB" };
  const text = new TextDecoder().decode(body);
  if (headers["x-amz-function-error"] !== undefined)
    return { reason: `the function has failed: ${text.slice(0, 1000)}` };
  return text === "" ? { value: undefined } : readJson(text);
}
