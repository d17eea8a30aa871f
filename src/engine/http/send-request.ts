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
  /** Certificates of authorities to trust, PEM; default those that Node trusts. */
  readonly ca?: readonly string[];
}

/** Sends requests and keeps connections open between them. Redirects are not followed. */
export interface HttpClient {
  /** Rejects with ASP5142, retryable where the reason may pass by itself. */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>;
  close(): void;
}

/** More cannot become part of a document. */
const maxBodyBytes = 16 * 1024 * 1024;

export function createHttpClient({ connectionTimeoutMs, requestTimeoutMs, ca }: HttpLimits): HttpClient {
  const trusted = ca === undefined ? {} : { ca: [...ca] };
  const agents = {
    plain: new PlainAgent({ keepAlive: true }),
    secure: new SecureAgent({ keepAlive: true, ...trusted }),
  };

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
        const end = (): void => {
          const cause = new TimeUp(message);
          request.destroy(cause);
          // A request that is over already says nothing more.
          fail(cause);
        };
        timers.push(setTimeout(end, ms));
      };
      const settle = (finish: () => void): void => {
        for (const timer of timers) clearTimeout(timer);
        finish();
      };
      const fail = (cause: Error): void => settle(() => reject(toFailure(cause, url, signal)));
      const answer = (response: IncomingMessage, whole: Uint8Array | undefined): void => {
        const { statusCode: status = 0, statusMessage: statusText = "", headers: answered } = response;
        const timeMs = Math.round(performance.now() - startedAt);
        settle(() => resolve({ status, statusText, headers: answered, body: whole, timeMs }));
      };

      failAfter(requestTimeoutMs, `no complete answer within ${requestTimeoutMs / 1000} s`);
      request.on("socket", (socket: Socket) => {
        if (!socket.connecting) return;
        failAfter(connectionTimeoutMs, `no connection within ${connectionTimeoutMs / 1000} s`);
        const connecting = timers.at(-1);
        socket.once(isSecure ? "secureConnect" : "connect", () => clearTimeout(connecting));
      });
      request.on("error", fail);
      // Nobody has asked for another protocol: the status alone is the answer.
      request.on("upgrade", (response: IncomingMessage, socket: Socket) => {
        socket.destroy();
        answer(response, new Uint8Array());
      });
      request.on("response", (response: IncomingMessage) => {
        const chunks: Uint8Array[] = [];
        let size = 0;
        response.on("data", (chunk: Uint8Array) => {
          size += chunk.length;
          if (size <= maxBodyBytes) return void chunks.push(chunk);
          answer(response, undefined);
          response.destroy();
        });
        response.on("end", () => answer(response, Buffer.concat(chunks)));
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
