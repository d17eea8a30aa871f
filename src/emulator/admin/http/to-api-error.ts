import { isAspError, type AspError } from "../../../diagnostics/asp-error.ts";
import type { Params } from "../operation.ts";
import { noConnection } from "../operations/demand.ts";
import { processorFailed } from "../operations/explain-refusal.ts";
import { ApiError } from "./api-error.ts";

/** Where a refusal came from. */
export interface RefusedCall {
  readonly operation: string;
  readonly groupId: string;
  readonly params: Params;
  /** Name that the body gives to what is made. */
  readonly named: string | undefined;
}

/** How a refusal of the core reads in the Admin API. Source: asp-control-plane 1.7; what is not recorded there is a guess of ours. */
export function toApiError(error: unknown, call: RefusedCall): ApiError {
  if (error instanceof ApiError) return error;
  if (!isAspError(error)) return new ApiError(500, "UNEXPECTED_ERROR", "Unexpected error.");
  const { groupId, params, named } = call;
  const { tenantName = named ?? "", connectionName = named ?? "", processorName = named ?? "" } = params;
  const detail = error.help === undefined ? error.message : `${error.message}: ${error.help}`;
  const refused = (status: number, code: string, parameters: readonly unknown[]): ApiError =>
    new ApiError(status, code, sentence(detail), { parameters });
  switch (error.code) {
    case "ASP5300":
      return refused(409, "STREAM_TENANT_NAME_ALREADY_EXISTS", [groupId, named ?? ""]);
    case "ASP5301":
      return refused(404, "STREAM_TENANT_NOT_FOUND_FOR_NAME", [groupId, tenantName]);
    case "ASP5302":
      return refused(409, "STREAM_CONNECTION_NAME_ALREADY_EXISTS", [tenantName, connectionName]);
    case "ASP5303":
      return noConnection(tenantName, connectionName);
    case "ASP5304":
      return new ApiError(400, "INVALID_ATTRIBUTE", sentence(detail), {
        fields: [{ field: "connection", description: error.message }],
      });
    case "ASP5305":
      return refused(403, "STREAM_CONNECTION_HAS_STREAM_PROCESSORS", [connectionName]);
    case "ASP5306":
      return refused(403, "STREAM_TENANT_HAS_STREAM_PROCESSORS", [tenantName]);
    case "ASP5185":
      return noProcessor(error, call.operation, processorName);
    case "ASP5186":
      return refused(409, "STREAM_PROCESSOR_NAME_ALREADY_EXISTS", [processorName]);
    default:
      return processorFailed(processorName, detail);
  }
}

/** Recorded of PATCH: the engine says it. Of GET: 404 since 5 June 2026. */
function noProcessor(error: AspError, operation: string, name: string): ApiError {
  if (operation === "updateGroupStreamProcessor") return processorFailed(name, error.message);
  return new ApiError(404, "STREAM_PROCESSOR_NOT_FOUND_FOR_NAME", sentence(error.message), { parameters: [name] });
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}
