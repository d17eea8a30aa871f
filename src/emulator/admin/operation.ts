import type { Static, TProperties, TSchema } from "@sinclair/typebox";
import type { Project } from "../project-types.ts";
import type { Format } from "./http/media-type.ts";

export type Params = Readonly<Record<string, string>>;

/** One request, after everything that can be said of it without knowing the operation. */
export interface Call<Body = unknown, Query = unknown> {
  readonly project: Project;
  readonly params: Params;
  readonly query: Query;
  /** As the schema has it; undefined where there was none. */
  readonly body: Body;
  readonly now: () => number;
}

/**
 * Who may call it. `reader`: Project Read Only is enough; `manager`: the service asks for a Stream Processing or Data Access role. Source:
 * asp-control-plane 1.1, roles.
 */
export type Needs = "reader" | "manager";

/** What is said of an operation of the Admin API. Routes, checks, refusals and docs/emulator-api.md come from it. */
export interface Operation {
  /** `operationId` of the published description. */
  readonly id: string;
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** After `/api/atlas/v2`, with `{parameters}`. */
  readonly path: string;
  /** Date of the version, or of the versions, that it has; oldest first. */
  readonly versions: readonly string[];
  readonly format: Format;
  readonly status: number;
  readonly needs: Needs;
  readonly query: TProperties;
  readonly body?: TSchema;
  /** Also without a body. */
  readonly bodyMayLack: boolean;
  /** Of the reply, or of each item in a page; absent: no body. */
  readonly reply?: TSchema;
  /** The result is a list, of which a page is answered. */
  readonly isPaged: boolean;
  /** Gives what is answered: a resource, a list of them, or a {@link Download}. @throws ApiError, AspError */
  handle(call: Call): unknown;
  /** Of a list: what is shown of an item that is on the page. Absent: the item. */
  show?(call: Call, item: unknown): unknown;
}

/** A file. */
export interface Download {
  readonly fileName: string;
  readonly bytes: Uint8Array;
}

type CallOf<Body extends TSchema, Query extends TProperties> = Call<
  Static<Body>,
  { readonly [Name in keyof Query]: Static<Query[Name]> }
>;

interface OperationOptions<Body extends TSchema, Query extends TProperties> {
  readonly id: string;
  readonly versions: readonly string[];
  readonly needs: Needs;
  /** Default 200. */
  readonly status?: number;
  readonly format?: Format;
  readonly query?: Query;
  readonly body?: Body;
  readonly bodyMayLack?: boolean;
  readonly reply?: TSchema;
  readonly isPaged?: boolean;
  show?(call: CallOf<Body, Query>, item: unknown): unknown;
  handle(call: CallOf<Body, Query>): unknown;
}

/**
 * Describes an operation.
 *
 * @param route method and path, as `GET /groups/{groupId}/streams`
 */
export function defineOperation<Body extends TSchema = TSchema, Query extends TProperties = Record<never, never>>(
  route: `${Operation["method"]} /${string}`,
  options: OperationOptions<Body, Query>,
): Operation {
  const [method, path] = route.split(" ") as [Operation["method"], string];
  const { status = 200, format = "json", query = {}, bodyMayLack = false, isPaged = false } = options;
  return { ...options, method, path, status, format, query, bodyMayLack, isPaged };
}

/** Describes one that answers with a page of what its `handle` lists; `show` is asked for what is on the page only. */
export function defineList<Item, Query extends TProperties = Record<never, never>>(
  route: `GET /${string}`,
  options: Omit<OperationOptions<TSchema, Query>, "body" | "isPaged" | "handle"> & {
    handle(call: CallOf<TSchema, Query>): readonly Item[];
    show?(call: CallOf<TSchema, Query>, item: Item): unknown;
  },
): Operation {
  return defineOperation(route, { ...options, isPaged: true });
}

/** Where the operations about Stream Processing are. */
export const streams = "/groups/{groupId}/streams";
/** Dates of versions. */
export const dates = { first: "2023-02-01", processors: "2024-05-30", latest: "2025-03-12" } as const;
