import type { Project } from "../project-types.ts";
import type { Principal } from "./auth/principal.ts";
import type { FaultPlan } from "./faults/decide-faults.ts";
import { rewriteReply, toWriteOptions } from "./faults/rewrite-reply.ts";
import type { RequestCheck } from "./http/check-request.ts";
import { isJson, resolveVersion, toContentType } from "./http/media-type.ts";
import { toPage, type Page, type PageRequest } from "./http/paging.ts";
import { readBody } from "./http/read-json.ts";
import { toApiError } from "./http/to-api-error.ts";
import { sortKeys, writeJson } from "./http/write-json.ts";
import { ApiError } from "./http/api-error.ts";
import type { Call, Download, Operation, Params } from "./operation.ts";

/** A request for an operation, as the plumbing has it. */
export interface OperationRequest {
  readonly operation: Operation;
  readonly principal: Principal;
  readonly params: Params;
  readonly query: Readonly<Record<string, unknown>>;
  readonly accept: string | undefined;
  readonly contentType: string | undefined;
  readonly body: Uint8Array | undefined;
  /** Address of the request, with its query. */
  readonly self: URL;
  readonly plan: FaultPlan;
}

interface Parts {
  readonly project: Project;
  readonly checkOf: (operation: Operation) => RequestCheck;
  readonly now: () => number;
}

interface CommonQuery extends PageRequest {
  readonly envelope?: boolean;
  readonly pretty?: boolean;
}

/** What is sent back. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string | Uint8Array | undefined;
}

/** Runs an operation and writes what it gives. @throws ApiError */
export async function serveOperation(request: OperationRequest, parts: Parts): Promise<Answer> {
  const { operation, params, plan } = request;
  const { project, checkOf, now } = parts;
  const { status, format } = operation;
  const contentType = toContentType(resolveVersion(request.accept, operation.versions, format));
  const { groupId } = params;
  if (groupId !== undefined && groupId !== project.id) {
    throw new ApiError(404, "GROUP_NOT_FOUND", `No group with ID ${groupId} exists.`, { parameters: [groupId] });
  }
  const check = checkOf(operation);
  const query = check.query(request.query) as unknown as CommonQuery;
  const body = check.body(bodyOf(request));
  const call = { project, params, query, body, now };
  const result = await run(request, call);
  if (format === "gzip") {
    const { fileName, bytes } = result as Download;
    const disposition = `attachment; filename="${fileName}"`;
    return {
      status,
      headers: { "content-type": contentType, "content-disposition": disposition },
      payload: Buffer.from(bytes),
    };
  }
  if (operation.reply === undefined) return { status, headers: {}, payload: undefined };
  const shown = operation.isPaged
    ? await showPage(request, call, toPage(result as unknown[], query, request.self))
    : result;
  const content = rewriteReply(sortKeys(shown), plan.rewrite);
  const enveloped = query.envelope === true ? { content, envelope: true, status } : content;
  const payload = writeJson(enveloped, { ...toWriteOptions(plan.rewrite), pretty: query.pretty === true });
  return { status, headers: { "content-type": contentType }, payload };
}

/** Only what is on the page is asked for what it shows. */
async function showPage({ operation }: OperationRequest, call: Call, page: Page<unknown>): Promise<Page<unknown>> {
  const { show = (_, item) => item } = operation;
  const results = await Promise.all(page.results.map((item) => show(call, item)));
  return { ...page, results: results.map(sortKeys) };
}

function bodyOf({ body, contentType = "application/json", operation }: OperationRequest): unknown {
  if (body === undefined || body.length === 0) return undefined;
  // What an operation does not read may be of any kind.
  if (operation.body === undefined) return undefined;
  if (!isJson(contentType)) {
    throw new ApiError(415, "UNSUPPORTED_MEDIA_TYPE", "The body must be application/json, or of a version of it.");
  }
  try {
    return readBody(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (error) {
    const reason = error instanceof SyntaxError || error instanceof TypeError ? error.message : "it is too large";
    throw new ApiError(400, "INVALID_JSON", `The body is no JSON that can be read: ${reason}.`);
  }
}

/** Runs it and notes in the workspace's log who has changed what. */
async function run({ operation, principal, params }: OperationRequest, call: Call): Promise<unknown> {
  const { project, body } = call;
  const named = typeof body === "object" && body !== null && "name" in body ? String(body.name) : undefined;
  const note = (status: number, errorCode?: string): void => {
    if (operation.method === "GET") return;
    const { tenantName = named ?? "", processorName } = params;
    const processor = processorName ?? (operation.id === "createGroupStreamProcessor" ? named : undefined);
    project.find(tenantName)?.log({
      kind: "audit",
      message: operation.id,
      ...(processor !== undefined && { processor }),
      detail: { door: "adminApi", status, who: principal.name, ...(errorCode !== undefined && { errorCode }) },
    });
  };
  try {
    const result = await operation.handle(call);
    note(operation.status);
    return result;
  } catch (error) {
    const refusal = toApiError(error, { operation: operation.id, groupId: project.id, params, named });
    note(refusal.status, refusal.errorCode);
    // Where it is a bug, its log line is to say so.
    throw refusal.status === 500 ? Object.assign(refusal, { cause: error }) : refusal;
  }
}
