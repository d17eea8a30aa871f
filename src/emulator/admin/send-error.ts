import type { FastifyReply, FastifyRequest } from "fastify";
import type { FaultPlan } from "./faults/decide-faults.ts";
import { toHtml, toPlannedError } from "./faults/refuse-as-planned.ts";
import { ApiError, toErrorBody } from "./http/api-error.ts";
import { writeJson } from "./http/write-json.ts";

/** Answers with an error, which always has a body: clients take one without for success. */
export function sendError(reply: FastifyReply, error: ApiError): FastifyReply {
  const query = reply.request.query as Readonly<Record<string, unknown>> | null;
  const { status } = error;
  const content = toErrorBody(error);
  const body = query?.["envelope"] === "true" ? { content, envelope: true, status } : content;
  void reply.headers(error.headers);
  return reply
    .code(status)
    .type("application/json")
    .send(writeJson(body, { pretty: query?.["pretty"] === "true" }));
}

/** Answers as a fault asks for. */
export function sendPlannedRefusal(reply: FastifyReply, refusal: NonNullable<FaultPlan["refusal"]>): FastifyReply {
  const error = toPlannedError(refusal);
  if (refusal.body === undefined || refusal.body === "json") return sendError(reply, error);
  const text = refusal.body === "html" ? toHtml(error.status) : "";
  return reply.headers(error.headers).code(error.status).type("text/html").send(text);
}

/** What the plumbing itself refuses. */
export function toRefusal(error: unknown, { method }: FastifyRequest): ApiError {
  if (error instanceof ApiError) return error;
  const { statusCode, code } = error as { readonly statusCode?: unknown; readonly code?: unknown };
  switch (statusCode) {
    case 413:
      return new ApiError(413, "REQUEST_ENTITY_TOO_LARGE", "The body is too large.");
    case 415:
      return new ApiError(415, "UNSUPPORTED_MEDIA_TYPE", "The body is of a kind that is not read.");
    case 400:
      return new ApiError(400, "BAD_REQUEST", `The ${method} request cannot be read: ${String(code)}.`);
    default:
      return Object.assign(new ApiError(500, "UNEXPECTED_ERROR", "Unexpected error."), { cause: error });
  }
}
