import type { Document } from "bson";
import type { ConnectionConfig } from "../../config/connection-schema.ts";
import type { Definition } from "../../stages/definition.ts";

/** A processor as the project wants it: names are those of the workspace. */
export interface Desired {
  readonly definition: Definition;
  /** Its own tier or that of the environment; undefined: whatever it has, or the workspace gives. */
  readonly tier: string | undefined;
}

/** A connection as the config has it for this environment. */
export interface DesiredConnection {
  /** Its name in the workspace. */
  readonly name: string;
  readonly type: string;
  /** True where `asp deploy` makes and changes it. */
  readonly isManaged: boolean;
  /** The Admin API's own fields, `type` among them; `${NAME}` is text, so that they may be written down. */
  readonly settings: ConnectionConfig & { readonly type: string };
  /** The same filled in, for comparing; never to be shown. */
  readonly filled: ConnectionConfig & { readonly type: string };
}

/** The workspace itself, where `asp deploy` makes and changes it. */
export interface DesiredWorkspace {
  readonly name: string;
  readonly provider?: string;
  readonly region?: string;
  readonly tier?: string;
  readonly maxTier?: string;
}

/** A collection that processors need, on the cluster behind a connection. */
export interface DesiredCollection {
  /** Of the connection, as the config calls it. */
  readonly cluster: string;
  /** The names on the cluster. */
  readonly db: string;
  readonly coll: string;
  /** As `create` takes them; undefined where the config says nothing of the collection itself. */
  readonly options?: Document;
  readonly indexes: readonly DesiredIndex[];
}

/** An index that the config lists, or one that a `$merge` on several fields cannot do without. */
export type DesiredIndex =
  | { readonly kind: "listed"; readonly key: Readonly<Record<string, unknown>>; readonly options: Document }
  | { readonly kind: "needed"; readonly fields: readonly string[]; readonly processor: string };

/** Which processors of the workspace are this project's. */
export type Ownership =
  /** Nobody writes it down: those that have the name of one of the project's are taken for its own, and no other is. */
  | { readonly kind: "unrecorded" }
  | {
      readonly kind: "recorded";
      readonly own: ReadonlySet<string>;
      /** Processor → the project that has it. */
      readonly others: ReadonlyMap<string, string>;
    };
