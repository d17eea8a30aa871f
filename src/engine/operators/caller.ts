import type { Document } from "bson";
import { AspError, isAspError } from "../../diagnostics/asp-error.ts";
import type { OrReason } from "../core/http-request.ts";
import { createPathSetter, type BsonValue } from "../core/set-path.ts";
import {
  createHttpClient,
  type HttpClient,
  type HttpLimits,
  type HttpRequest,
  type HttpResponse,
} from "../http/send-request.ts";
import { inLanes, type Lanes } from "../in-lanes.ts";
import { withRetries } from "../retry.ts";
import type { Operator, OperatorContext, OperatorInput, OperatorOutcome } from "./operator.ts";
import { createPayload } from "./payload.ts";

/** How an operator calls an endpoint. */
export interface Calls {
  /** The stage's name. */
  readonly operator: string;
  readonly args: Document;
  readonly expressions: Document | undefined;
  readonly limits: HttpLimits;
  readonly lanes: Lanes<OperatorInput>;
  /** Whether a request has a body. */
  readonly sendsBody: boolean;
  /** Who answers in place of an endpoint, where somebody does. */
  readonly standIn?: () => HttpClient | undefined;
  /** Rejects with AspError where no call could be made at all. */
  check(): void | Promise<void>;
  /** A reason makes a dead letter, whatever `onError` says. */
  requestOf(input: OperatorInput, body: string | undefined): OrReason<HttpRequest>;
  /** What the response gives, or a reason that `onError` speaks of. Throws AspError for what FAILs the processor. */
  read(response: HttpResponse): OrReason<BsonValue | undefined>;
  /** What `{$meta: "stream"}` gives beside the rest after the call. */
  streamOf(request: HttpRequest, response: HttpResponse): Document;
}

/** An operator that calls an endpoint once for each document, and again only where no answer has come. */
export function createCaller(calls: Calls, context: OperatorContext): Operator {
  const { operator, args, sendsBody } = calls;
  const onError: unknown = args["onError"] ?? "dlq";
  const payload = createPayload(args["payload"] as readonly Document[] | undefined, context);
  const { callPatienceMs: patienceMs = Infinity } = context;
  const { connectionTimeoutMs } = calls.limits;
  const client = createHttpClient({
    ...calls.limits,
    connectionTimeoutMs: Math.min(connectionTimeoutMs, patienceMs),
  });
  const setAs = args["as"] === undefined ? undefined : createPathSetter(String(args["as"]));

  const call = async (input: OperatorInput, body: string | undefined): Promise<OperatorOutcome> => {
    const request = calls.requestOf(input, body);
    if ("reason" in request) return { kind: "refused", reason: request.reason };
    // Asked for again by itself: the other documents' requests have been answered.
    const { response, read } = await withRetries(
      async () => {
        const answer = await (calls.standIn?.() ?? client).send(request.value, context.signal);
        return { response: answer, read: calls.read(answer) };
      },
      context.signal,
      context.callPatienceMs,
    ).catch((error: unknown) => {
      throw context.callPatienceMs === undefined ? error : forGood(error);
    });
    const stream = calls.streamOf(request.value, response);
    const { document } = input;
    if ("reason" in read) {
      if (onError === "dlq") return { kind: "refused", reason: read.reason, stream };
      if (onError === "ignore") return { kind: "passed", document, stream };
      throw new AspError(
        "ASP5144",
        `\`${context.name}\` cannot go on: ${operator} has \`onError: "fail"\`, and ${read.reason}`,
        {
          help: "mend the endpoint or the request, or write `dlq` or `ignore`",
        },
      );
    }
    if (setAs === undefined || read.value === undefined) return { kind: "passed", document, stream };
    return { kind: "passed", document: setAs(document, read.value), stream };
  };

  return {
    expressions: calls.expressions,
    check: async () => {
      await calls.check();
      await payload.check();
    },
    run: async (inputs) => {
      const bodies = sendsBody ? await payload.bodiesOf(inputs) : [];
      const items = inputs.map((input, index) => ({ input, body: bodies[index] }));
      const { count, laneOf } = calls.lanes;
      const lanes = { count, laneOf: laneOf && ((item: { readonly input: OperatorInput }) => laneOf(item.input)) };
      return inLanes(items, lanes, async ({ input, body }) => {
        if (body !== undefined && "reason" in body) return { kind: "refused", reason: body.reason };
        return call(input, body?.value);
      });
    },
    close: async () => {
      client.close();
      await payload.close();
    },
  };
}

/** Whoever has the whole chunk tries it again otherwise. */
function forGood(error: unknown): unknown {
  if (!isAspError(error) || !error.retryable) return error;
  const { code, message, help, cause } = error;
  return new AspError(code, message, { ...(help !== undefined && { help }), cause });
}
