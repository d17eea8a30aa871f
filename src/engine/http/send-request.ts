import {
  Agent as PlainAgent,
  request as plainRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from "node:http";
import { Agent as SecureAgent, request as secureRequest } from "node:https";
import type { Socket } from "node:net";
import { AspError } from "../../diagnostics/asp-error.ts";

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: the request has none. */
  readonly body: string | undefined;
}

export interface HttpResponse {
  readonly status: number;
  /** The words beside the status. */
  readonly statusText: string;
  readonly headers: IncomingHttpHeaders;
  /** Undefined where it is larger than a document can be. */
  readonly body: Uint8Array | undefined;
  readonly timeMs: number;
}

export interface HttpLimits {
  readonly connectionTimeoutMs: number;
  /** For the whole request, from the first attempt to connect to the last byte of the answer. */
  readonly requestTimeoutMs: number;
}

/** Sends requests and keeps connections open between them. Redirects are not followed. */
export interface HttpClient {
  /** Rejects with ASP5142, retryable where the reason may pass by itself. */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>;
  close(): void;
}

/** More cannot become part of a document. */
const maxBodyBytes = 16 * 1024 * 1024;

export function createHttpClient({ connectionTimeoutMs, requestTimeoutMs }: HttpLimits): HttpClient {
  const agents = { plain: new PlainAgent({ keepAlive: true }), secure: new SecureAgent({ keepAlive: true }) };

  const send: HttpClient["send"] = ({ method, url, headers, body }, signal) =>
    new Promise((resolve, reject) => {
      const startedAt = performance.now();
      const isSecure = url.protocol === "https:";
      // Node frames the body by itself for some methods only.
      const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
      const options = {
        method,
        headers: { ...headers, ...length },
        signal,
        agent: isSecure ? agents.secure : agents.plain,
      };
      const request = isSecure ? secureRequest(url, options) : plainRequest(url, options);
      const timers: NodeJS.Timeout[] = [];
      const failAfter = (ms: number, message: string): void => {
        timers.push(setTimeout(() => request.destroy(new TimeUp(message)), ms));
      };
      const settle = (finish: () => void): void => {
        for (const timer of timers) clearTimeout(timer);
        finish();
      };
      const fail = (cause: Error): void => settle(() => reject(toFailure(cause, url, signal)));

      failAfter(requestTimeoutMs, `no complete answer within ${requestTimeoutMs / 1000} s`);
      request.on("socket", (socket: Socket) => {
        if (!socket.connecting) return;
        failAfter(connectionTimeoutMs, `no connection within ${connectionTimeoutMs / 1000} s`);
        const connecting = timers.at(-1);
        socket.once(isSecure ? "secureConnect" : "connect", () => clearTimeout(connecting));
      });
      request.on("error", fail);
      request.on("response", (response: IncomingMessage) => {
        const { statusCode: status = 0, statusMessage: statusText = "", headers: answered } = response;
        const chunks: Uint8Array[] = [];
        let size = 0;
        const done = (whole: Uint8Array | undefined): void =>
          settle(() => {
            const timeMs = Math.round(performance.now() - startedAt);
            resolve({ status, statusText, headers: answered, body: whole, timeMs });
          });
        response.on("data", (chunk: Uint8Array) => {
          size += chunk.length;
          if (size <= maxBodyBytes) return void chunks.push(chunk);
          done(undefined);
          response.destroy();
        });
        response.on("end", () => done(Buffer.concat(chunks)));
        response.on("error", fail);
      });
      request.end(body);
    });

  return {
    send,
    close: () => {
      agents.plain.destroy();
      agents.secure.destroy();
    },
  };
}

class TimeUp extends Error {}

/** A network that is down, a server that restarts or is slow. What is not here (a certificate, junk) stays as it is. */
const passing: ReadonlySet<unknown> = new Set([
  ...["ECONNREFUSED", "ECONNRESET", "ECONNABORTED", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"],
  ...["EAI_AGAIN", "ENOTFOUND"],
]);

function toFailure(cause: Error, url: URL, signal: AbortSignal): Error {
  if (signal.aborted) return cause;
  const code: unknown = "code" in cause ? cause.code : undefined;
  return new AspError("ASP5142", `no answer from ${url.host}: ${cause.message}`, {
    help: "check that the endpoint is running, and the connection's `url`",
    cause,
    retryable: cause instanceof TimeUp || passing.has(code),
  });
}
