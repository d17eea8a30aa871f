import type { ModifyRule } from "../../compiler/explain-modify.ts";
import type { ConnectionConfig } from "../../config/connection-schema.ts";
import type { Definition } from "../../stages/definition.ts";
import type { Document } from "bson";
import type { Change } from "./change.ts";
import type { StageChange } from "./compare-stages.ts";
import type { TierChange } from "./tier-change.ts";
import type { WorkspaceChange, WorkspaceSettings } from "./workspace-settings.ts";

/** A value that is another one, as people are shown it; undefined where there is none. */
export interface FieldChange {
  readonly field: string;
  readonly before?: string;
  readonly after?: string;
}

/** What an edit does to the checkpoint. */
export interface Verdict {
  readonly checkpoint: "keeps" | "discards";
  readonly rule: ModifyRule;
  /** One sentence about the rule. */
  readonly reason: string;
  /** What the processor no longer has afterwards; empty where the checkpoint is kept. */
  readonly lost: readonly string[];
  /** Collections that lack what happened meanwhile: `shop.orders`; empty where the checkpoint is kept. */
  readonly rebuild: readonly string[];
  /**
   * `shop.orders`, where a projection changes and keeps its checkpoint: what it made of events before stays as it is, until a rebuild.
   */
  readonly outdated?: string;
}

interface OfProcessor {
  readonly name: string;
  readonly tier: TierChange;
}

interface OfExisting extends OfProcessor {
  /** As it was when the plan was made. */
  readonly state: string;
  /** It was not this project's until now. */
  readonly adopts: boolean;
}

/** A change of settings, definition or name; where it runs, it is stopped for it. */
export interface EditStep extends OfExisting {
  readonly kind: "edit" | "rename";
  /** With `rename`. */
  readonly formerName?: string;
  readonly definition: Definition;
  readonly change: Change;
  /** Every stage; empty where the pipeline is the same. */
  readonly stages: readonly StageChange[];
  /** Of options, the tier included. */
  readonly options: readonly FieldChange[];
  readonly verdict: Verdict;
  /** It runs now: no event is processed until it runs again. */
  readonly stops: boolean;
  readonly starts: boolean;
}

/** Something on the cluster behind a connection. */
interface OfCollection {
  /** Of the connection, as the config calls it. */
  readonly cluster: string;
  readonly db: string;
  readonly coll: string;
}

/** A workspace that is made; it is awaited until it answers. */
export interface CreateWorkspaceStep {
  readonly kind: "create-workspace";
  readonly workspace: string;
  readonly settings: WorkspaceSettings;
}

export interface EditWorkspaceStep {
  readonly kind: "edit-workspace";
  readonly workspace: string;
  readonly change: WorkspaceChange;
  readonly fields: readonly FieldChange[];
}

/** `options` are as `create` takes them; what of them can be set of a collection that is there is set. */
export interface CollectionStep extends OfCollection {
  readonly kind: "create-collection" | "edit-collection";
  readonly options: Document;
  /** What is set, with `edit-collection`. */
  readonly fields: readonly FieldChange[];
}

export interface CreateIndexStep extends OfCollection {
  readonly kind: "create-index";
  readonly key: Readonly<Record<string, unknown>>;
  readonly options: Document;
  /** Processors whose `$merge` needs it; empty where the config lists it. */
  readonly neededBy: readonly string[];
}

/** One thing that is done, or need not be: what `plan` prints and `deploy` acts on. */
export type Step =
  | CreateWorkspaceStep
  | EditWorkspaceStep
  | CollectionStep
  | CreateIndexStep
  | {
      readonly kind: "create-connection";
      readonly connection: string;
      readonly settings: ConnectionConfig & { readonly type: string };
    }
  | {
      readonly kind: "edit-connection";
      readonly connection: string;
      readonly settings: ConnectionConfig & { readonly type: string };
      readonly fields: readonly FieldChange[];
      /** The project's processors that run and use it: the service changes no connection in use, so they are stopped for it. */
      readonly stops: readonly string[];
    }
  | { readonly kind: "delete-connection"; readonly connection: string }
  | (OfExisting & { readonly kind: "keep" })
  | (OfExisting & { readonly kind: "adopt" })
  | (OfProcessor & { readonly kind: "create"; readonly definition: Definition; readonly starts: boolean })
  | (OfExisting & { readonly kind: "start"; readonly error?: string })
  | EditStep
  | (OfProcessor & { readonly kind: "delete"; readonly state: string; readonly lost: readonly string[] });

/** A step that is about a processor, and no other thing. */
export type ProcessorStep = Extract<Step, OfProcessor>;

export function isProcessorStep(step: Step): step is ProcessorStep {
  return "name" in step;
}

/** A step that leaves everything as it is. */
export function isChange(step: Step): boolean {
  return step.kind !== "keep";
}
