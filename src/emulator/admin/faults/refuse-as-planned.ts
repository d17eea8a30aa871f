import { ApiError } from "../http/api-error.ts";
import type { FaultPlan } from "./decide-faults.ts";

interface Usual {
  readonly errorCode: string;
  readonly detail: string;
}

/** What is known of the service's refusals by their status. Source: asp-control-plane 1.7. */
const usual: Readonly<Record<number, Usual>> = {
  402: { errorCode: "NO_PAYMENT_INFORMATION_FOUND", detail: "No payment information was found for the organization." },
  403: {
    errorCode: "STREAM_CONNECTION_HAS_STREAM_PROCESSORS",
    detail: "The connection is used by active stream processors.",
  },
  404: { errorCode: "RESOURCE_NOT_FOUND", detail: "Cannot find the resource." },
  429: { errorCode: "RATE_LIMITED_TOKEN_BUCKET", detail: "The rate limit was exceeded." },
  500: { errorCode: "UNEXPECTED_ERROR", detail: "Unexpected error." },
  504: { errorCode: "STREAM_PROCESSOR_TIMEOUT", detail: "The request timed out." },
};

/** The error that a fault asks for. */
export function toPlannedError(refusal: NonNullable<FaultPlan["refusal"]>): ApiError {
  const { status, errorCode, detail, retryAfterSeconds } = refusal;
  const known = usual[status];
  const text = detail ?? known?.detail ?? "A fault was asked for.";
  return new ApiError(status, errorCode ?? known?.errorCode ?? "UNEXPECTED_ERROR", text, {
    headers: retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) },
  });
}

/** What a gateway says for a server behind it. Source: asp-control-plane 1.7, 504 without JSON. */
export function toHtml(status: number): string {
  return `<html><head><title>${status}</title></head><body><h1>${status}</h1><hr>gateway</body></html>`;
}
