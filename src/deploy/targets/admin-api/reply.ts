import { gunzipSync } from "node:zlib";
import type { Document } from "bson";
import { parseExactJson } from "../../../compiler/exact-json.ts";
import { fieldOf } from "../../../engine/core/exact-bson.ts";
import type { RemoteConnection, RemoteProcessor, WorkspaceDefaults } from "../../plan/remote.ts";
import { normalForm } from "../../plan/normal-form.ts";
import { listIn, numberIn, textIn, toRemoteProcessor } from "../read-fields.ts";
import {
  credentialsRefused,
  failedOnTheWay,
  logTooLarge,
  notFound,
  requestRefused,
  roleTooSmall,
  strangeReply,
} from "../refusals.ts";
import { toProcessorStats, type ProcessorStats } from "../processor-stats.ts";
import type { WorkspaceAddress } from "./request.ts";

/** What came back, whatever it is. */
export interface ApiReply {
  readonly status: number;
  readonly text: string;
  /** The same as it came. */
  readonly bytes?: Uint8Array;
  /** Of `Retry-After`, in seconds. */
  readonly retryAfterSeconds?: number;
}

/** What the readers need for their texts. */
export interface ReplyContext extends WorkspaceAddress {
  readonly label: string;
}

/** One page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly isLast: boolean;
}

/**
 * The body of a reply that says success, exactly as it was written; undefined where there is none.
 *
 * @throws AspError for anything else: ASP6000 to ASP6002, ASP6004, ASP6006, ASP6007
 */
export function readReply({ status, text }: ApiReply, context: ReplyContext): unknown {
  const body = parseBody(text);
  if (status >= 200 && status < 300) {
    if (text === "") return undefined;
    // What a write has done is not known from such a reply.
    if (typeof body !== "object" || body === null) throw strangeReply(context.label, describeText(text), true);
    return body;
  }
  throw toRefusal(status, text, body, context);
}

/** Undefined where that says that the thing asked for is not there. */
export function readOptional(reply: ApiReply, context: ReplyContext): unknown {
  const body = parseBody(reply.text);
  const code = textIn(body, "errorCode");
  // It was 400 until June 2026. Source: asp-control-plane 1.4.
  const isOldForm = reply.status === 400 && /processor (doesn't|does not) exist/u.test(textIn(body, "detail") ?? "");
  if (isOldForm) return undefined;
  // The workspace itself may be what is not there, or the address none of the API's.
  if (reply.status !== 404 || code === undefined || isWorkspaceMissing(code)) return readReply(reply, context);
  return undefined;
}

/** Undefined where that says that there is no such workspace. */
export function readWorkspace(reply: ApiReply, context: ReplyContext): WorkspaceDefaults | undefined {
  const code = textIn(parseBody(reply.text), "errorCode") ?? "";
  if (reply.status === 404 && isWorkspaceMissing(code) && code.startsWith("STREAM_")) return undefined;
  return readDefaults(readReply(reply, context));
}

export function readProcessor(body: unknown, { label }: ReplyContext): RemoteProcessor {
  const processor = toRemoteProcessor(body);
  if (processor === undefined) throw strangeReply(label, "a processor without name or pipeline", false);
  return processor;
}

export function readProcessors(body: unknown, context: ReplyContext, before: number): Page<RemoteProcessor> {
  return readPage(body, context, before, (shown) => readProcessor(shown, context));
}

export function readConnections(body: unknown, context: ReplyContext, before: number): Page<RemoteConnection> {
  return readPage(body, context, before, (shown) => {
    const [name, type, state] = ["name", "type", "state"].map((field) => textIn(shown, field));
    if (name === undefined || type === undefined) {
      throw strangeReply(context.label, "a connection without name or type", false);
    }
    const { id: _, name: __, type: ___, state: ____, links: _____, ...settings } = normalForm(shown) as Document;
    return { name, type, ...(state !== undefined && { state }), settings };
  });
}

export function readStats(body: unknown, { label }: ReplyContext): ProcessorStats {
  const name = textIn(body, "name");
  if (name === undefined) throw strangeReply(label, "a processor without name", false);
  return toProcessorStats(name, body as Document);
}

export function readAllStats(body: unknown, context: ReplyContext, before: number): Page<ProcessorStats> {
  return readPage(body, context, before, (shown) => readStats(shown, context));
}

/** More is no log that a terminal could show. */
const mostLogBytes = 256 * 1024 * 1024;

/**
 * Lines of a log that comes as gzip.
 *
 * @throws AspError as {@link readReply} for a reply that says no success, ASP6004 for what is no gzip, ASP6078 for one that is too large
 */
export function readLog(reply: ApiReply, context: ReplyContext): readonly string[] {
  const { status, bytes = new Uint8Array() } = reply;
  if (status < 200 || status >= 300) {
    readReply(reply, context);
    return [];
  }
  if (bytes.length === 0) return [];
  try {
    const lines = gunzipSync(bytes, { maxOutputLength: mostLogBytes }).toString("utf8").split(/\r?\n/u);
    return lines.filter((line) => line !== "");
  } catch (error) {
    const isTooLarge =
      error instanceof RangeError ||
      (error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE");
    throw isTooLarge ? logTooLarge(context.label) : strangeReply(context.label, "a log that is no gzip", false);
  }
}

export function readDefaults(body: unknown): WorkspaceDefaults {
  const config = fieldOf(body, "streamConfig");
  const [tier, maxTier] = [textIn(config, "tier"), textIn(config, "maxTierSize") ?? textIn(config, "maxTier")];
  const place = fieldOf(body, "dataProcessRegion");
  const [region, provider] = [textIn(place, "region"), textIn(place, "cloudProvider")];
  return {
    ...(tier !== undefined && { tier }),
    ...(maxTier !== undefined && { maxTier }),
    ...(region !== undefined && { region }),
    ...(provider !== undefined && { provider }),
  };
}

/** @param before how many came on the pages before this */
function readPage<Item>(
  body: unknown,
  { label }: ReplyContext,
  before: number,
  read: (shown: unknown) => Item,
): Page<Item> {
  const results = listIn(body, "results");
  if (results === undefined) throw strangeReply(label, "a list without `results`", false);
  const total = numberIn(body, "totalCount");
  const isLast = results.length === 0 || (total !== undefined && before + results.length >= total);
  return { items: results.map(read), isLast };
}

function parseBody(text: string): unknown {
  try {
    return parseExactJson(text);
  } catch {
    return undefined;
  }
}

function toRefusal(status: number, text: string, body: unknown, context: ReplyContext): Error {
  const { label, projectId, workspace } = context;
  const code = textIn(body, "errorCode");
  const detail = textIn(body, "detail") ?? textIn(body, "reason");
  const said = [detail, code].filter((part) => part !== undefined).join(" ");
  if (status === 401) return credentialsRefused(label, "correct `auth` of the environment, and the variables it names");
  // A page of a proxy or a gateway: no word of the service's.
  if (code === undefined) {
    return status >= 500
      ? failedOnTheWay(label, `${status}, ${describeText(text)}`)
      : strangeReply(label, `${status}, ${describeText(text)}`, false);
  }
  if (status === 404 && isWorkspaceMissing(code)) {
    return code.startsWith("STREAM_TENANT")
      ? notFound(`workspace \`${workspace}\``, label, "correct `workspace` of the environment")
      : notFound(`project \`${projectId}\``, label, "correct `projectId` of the environment");
  }
  if (status === 403 && /UNAUTHORIZED|FORBIDDEN|NOT_IN_GROUP|ACCESS_LIST|IP_ADDRESS/u.test(code)) {
    return roleTooSmall(label, said);
  }
  if (status >= 500) return failedOnTheWay(label, `${status}, ${said}`);
  return requestRefused(label, said);
}

/** Codes that say that the workspace or its project is not there. Source: asp-control-plane 1.7. */
function isWorkspaceMissing(code: string): boolean {
  return /^STREAM_(TENANT|WORKSPACE)_NOT_FOUND|^GROUP_NOT_FOUND|^INVALID_GROUP_ID/u.test(code);
}

/** Never the text itself: it may be anything, of any length. */
function describeText(text: string): string {
  if (text.trim() === "") return "an empty body";
  return /^\s*</u.test(text) ? "a page of HTML" : "a text that is no JSON";
}
