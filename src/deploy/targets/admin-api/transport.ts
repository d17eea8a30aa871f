import type { IncomingHttpHeaders } from "node:http";
import { setTimeout as sleepFor } from "node:timers/promises";
import { isAspError } from "../../../diagnostics/asp-error.ts";
import { createHttpClient } from "../../../engine/http/send-request.ts";
import { logTooLarge, strangeReply, tooManyRequests, unreachable } from "../refusals.ts";
import type { Authorization } from "./authorization.ts";
import type { ApiReply } from "./reply.ts";
import type { ApiRequest } from "./request.ts";

/** Sends requests, and decides which of them are sent again. */
export interface Transport {
  /**
   * The reply, whatever it is. Who sends it is shown, and a 429 is waited for; a read that met nothing or a failing server is sent again,
   * after as long as that has asked for.
   *
   * @throws AspError ASP6003 where nobody answers, ASP6004 for a reply that is too large (ASP6078 for a log), ASP6005 for a wait that is too long
   */
  send(request: ApiRequest): Promise<ApiReply>;
  /** With headers of its own, how a token is asked for; again only after a 429 or a 503 that says when. */
  sendForm(path: string, form: string, authorization: string): Promise<ApiReply>;
  close(): void;
}

export interface TransportOptions {
  /** Root of the Admin API, without a path. */
  readonly baseUrl: string;
  readonly label: string;
  /** Authorities to trust, PEM; default Node's own. */
  readonly ca?: readonly string[];
  readonly signal: AbortSignal;
  /** Before each further attempt of a read, in milliseconds. */
  readonly retryPausesMs?: readonly number[];
  /** The longest that the service may ask to wait, in seconds, all attempts together. */
  readonly longestWaitSeconds?: number;
}

/** Of all operations; the service resolves it to the newest version that is not newer. Source: asp-control-plane section 2. */
const mediaTypeOf = (format: "json" | "gzip"): string => `application/vnd.atlas.2025-03-12+${format}`;
/** A create is tried out on a worker first, and a gateway waits five minutes. Source: asp-control-plane 1.4, 1.7. */
const limits = { connectionTimeoutMs: 15_000, requestTimeoutMs: 310_000 };

export function createTransport(
  authorizationOf: (transport: Pick<Transport, "sendForm">) => Authorization,
  options: TransportOptions,
): Transport {
  const { baseUrl, label, ca, signal, retryPausesMs = [250, 1000, 3000], longestWaitSeconds = 120 } = options;
  const client = createHttpClient({ ...limits, ...(ca && { ca }) });
  const sleep = async (ms: number): Promise<void> => {
    await sleepFor(ms, undefined, { signal });
  };

  const sendOnce = async (
    { method, path, body, format }: Omit<ApiRequest, "method"> & { readonly method: string },
    headers: Readonly<Record<string, string>>,
  ): Promise<ApiReply & { readonly headers: IncomingHttpHeaders }> => {
    try {
      const request = { method, url: new URL(path, baseUrl), headers, body };
      const { status, headers: answered, body: bytes } = await client.send(request, signal);
      if (bytes === undefined)
        throw format === "gzip" ? logTooLarge(label) : strangeReply(label, "more than 16 MB", false);
      const seconds = Number(answered["retry-after"]);
      return {
        status,
        headers: answered,
        text: new TextDecoder().decode(bytes),
        bytes,
        ...(Number.isFinite(seconds) && answered["retry-after"] !== undefined && { retryAfterSeconds: seconds }),
      };
    } catch (error) {
      signal.throwIfAborted();
      if (isAspError(error) && error.code !== "ASP5142") throw error;
      throw unreachable(label, reasonOf(error), isAspError(error) ? error.cause : error);
    }
  };

  /** Attempts of one request differ in how they say who sends it. */
  const sendSigned = async (request: ApiRequest): Promise<ApiReply> => {
    for (let attempt = 1; ; attempt += 1) {
      const sent = await authorization.header(request);
      const headers = {
        accept: mediaTypeOf(request.format ?? "json"),
        ...(request.body !== undefined && { "content-type": mediaTypeOf("json") }),
        ...(sent !== undefined && { authorization: sent }),
      };
      const reply = await sendOnce(request, headers);
      if (reply.status !== 401) authorization.accepted?.(sent);
      else if (attempt < 3 && authorization.learn(reply.headers, sent)) continue;
      return reply;
    }
  };

  /** Waits as long as the service asks for, and not without end. */
  const createPatience = (): ((seconds: number) => Promise<void>) => {
    let waited = 0;
    return async (seconds) => {
      waited += Math.max(seconds, 0);
      if (waited > longestWaitSeconds) throw tooManyRequests(label, seconds);
      await sleep(seconds * 1000);
    };
  };

  const send: Transport["send"] = async (request) => {
    const wait = createPatience();
    const pauses = request.method === "GET" ? [...retryPausesMs] : [];
    for (;;) {
      const outcome = await settle(sendSigned(request));
      if ("status" in outcome && outcome.status === 429) {
        // Nothing was done: also a write may be sent again.
        await wait(outcome.retryAfterSeconds ?? 1);
        continue;
      }
      const isBroken = outcome instanceof Error ? isAspError(outcome) && outcome.retryable : outcome.status >= 500;
      const pause = isBroken ? pauses.shift() : undefined;
      const asked = outcome instanceof Error ? undefined : outcome.retryAfterSeconds;
      if (pause !== undefined) await (asked === undefined ? sleep(pause) : wait(asked));
      else if (outcome instanceof Error) throw outcome;
      else return outcome;
    }
  };

  const sendForm: Transport["sendForm"] = async (path, body, header) => {
    const headers = {
      accept: "application/json",
      "content-type": "application/x-www-form-urlencoded",
      authorization: header,
    };
    const wait = createPatience();
    for (;;) {
      const reply = await sendOnce({ method: "POST", path, body }, headers);
      const { status, retryAfterSeconds = status === 429 ? 1 : undefined } = reply;
      if ((status !== 429 && status !== 503) || retryAfterSeconds === undefined) return reply;
      await wait(retryAfterSeconds);
    }
  };
  const authorization = authorizationOf({ sendForm });
  return { send, sendForm, close: client.close };
}

async function settle<Value>(pending: Promise<Value>): Promise<Value | Error> {
  try {
    return await pending;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

/** The system's words without what stands before them. */
function reasonOf(error: unknown): string {
  const cause = isAspError(error) ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : "";
  return cause.message === "" ? code : cause.message;
}
