import type { TSchema } from "@sinclair/typebox";
import type { ConstantUse } from "./constant-use.ts";
import type { TierName } from "./tiers.ts";
import type { StageContext } from "./values.ts";

/** What a stage is in a processor: exactly one `source` first, exactly one `sink` last, `transform` and `window` between. */
export type StageRole = "source" | "transform" | "window" | "sink";

/** Cloud providers of a workspace, as the Admin API names them. */
export type Provider = "AWS" | "AZURE" | "GCP";

/** A field with one of some values; `absent` says whether a field that is not there counts as one that has them. */
export interface FieldValue {
  readonly field: string;
  readonly values: readonly (string | boolean)[];
  readonly absent?: true;
}

/** A field whose value is an expression over the document. */
export interface ComputedField {
  readonly field: string;
  readonly computed: true;
}

/**
 * What fields mean beside each other, which a schema of each alone cannot say. Fields are dotted paths from the stage's arguments.
 *
 * - `needs`: `field` only together with `other`; with `above`, only where that is a number greater than this
 * - `excludes`: not both
 * - `only`: `field` only where another field has one of some values; with `above`, only a number greater than that
 * - `required`: `field` must be there, where the condition holds; `unlessLast` frees the last stage of a processor
 * - `some`: at least one of the fields, with `exactly` no more than one
 * - `atMost`: one number is not greater than another
 * - `fits`: a constant is what another field's word makes of it; a word that is not here makes nothing of it
 */
export type Relation =
  | { readonly kind: "needs"; readonly field: string; readonly other: string; readonly above?: number }
  | { readonly kind: "excludes"; readonly field: string; readonly by: string }
  | { readonly kind: "only"; readonly field: string; readonly with: FieldValue; readonly above?: number }
  | {
      readonly kind: "required";
      readonly field: string;
      readonly when?: FieldValue | ComputedField;
      readonly unlessLast?: true;
    }
  | { readonly kind: "some"; readonly fields: readonly string[]; readonly exactly?: true }
  | { readonly kind: "atMost"; readonly field: string; readonly other: string }
  | {
      readonly kind: "fits";
      readonly field: string;
      readonly other: string;
      readonly words: Readonly<Record<string, ConstantUse>>;
    };

/**
 * What a tier limits beside parallelism, which the schema marks itself.
 *
 * - `initialSyncCollections`: how many names a field has, where the condition holds
 * - `kafkaPartitions`: how many ids lie between two fields, both included
 * - `memoryShare`: bytes, as a share of the tier's memory
 */
export type TierLimit =
  | { readonly kind: "initialSyncCollections"; readonly field: string; readonly when: FieldValue }
  | { readonly kind: "kafkaPartitions"; readonly first: string; readonly last: string }
  | { readonly kind: "memoryShare"; readonly field: string; readonly share: number };

/** What a stage, or one form of it, asks for beside the shape of its arguments. */
export interface Demands {
  readonly relations?: readonly Relation[];
  /** Where the service has it; absent: everywhere. */
  readonly providers?: readonly Provider[];
  /** The smallest tier that runs it; absent: every one. */
  readonly leastTier?: TierName;
  readonly tierLimits?: readonly TierLimit[];
  /** A field that only workspaces on `provider` can do without. */
  readonly regionUnlessOn?: { readonly provider: Provider; readonly field: string };
  /** What it calls is in the workspace's own region; the field may hold an ARN, which says where that is. */
  readonly ownRegion?: { readonly arnField: string };
  /** Of a source: the field that keeps a silent part of it from holding back event time, and what such a part is. */
  readonly idle?: { readonly field: string; readonly part: string };
}

/** One form of a stage; `meantVariant` says which one is meant. */
export interface StageVariant<Args extends TSchema = TSchema> extends Demands {
  /** As findings name it: "`$source` on a change stream". */
  readonly name: string;
  readonly summary: string;
  /** Fields that only this form has, or that tell it from those after it; `text`: its argument is a text. Of the last form they are no condition. */
  readonly toldBy: readonly string[] | "text";
  /** False: ASP has it and the engine here does not run it yet. */
  readonly runs: boolean;
  /** Where it does not run: why, and what to do in its place; as a fact. */
  readonly notRun?: string;
  readonly args: Args;
  /** Of a source: times that its documents have, beside the event time that every source adds; `unless` a field has a value. */
  readonly times?: { readonly fields: Readonly<Record<string, "date" | "timestamp">>; readonly unless: FieldValue };
  /** Fields of the other variants that this one excludes, which the schema alone would call unknown. */
  readonly excludes?: readonly string[];
}

/** Everything there is to know about one ASP stage: type, schema, placement, docs and what the engine does with it. */
export interface StageDescription<Name extends string = string, Args extends TSchema = TSchema> extends Demands {
  /** Its wire name, with the dollar. */
  readonly name: Name;
  readonly role: StageRole;
  /** A transform that may also end a processor, as `$https` may. */
  readonly mayEnd?: boolean;
  /** Where it may stand. Source: asp-language section 2. */
  readonly contexts: readonly StageContext[];
  /** One sentence. */
  readonly summary: string;
  /** False: ASP has it and the engine here does not run it yet. */
  readonly runs: boolean;
  /** First mongod version that can run it; absent: every supported one. */
  readonly minServer?: string;
  /** What comes out of it has none of the fields that went in, but for those it names. */
  readonly replacesDocument?: true;
  readonly args: Args;
  /** Where the stage has several forms; `args` is then their union, for the editor. */
  readonly variants?: readonly StageVariant[];
}

/** Declares a stage once, for the type, the schema, the placement, the docs and the engine alike. */
export function defineStage<const Name extends string, Args extends TSchema>(
  description: StageDescription<Name, Args>,
): StageDescription<Name, Args> {
  return description;
}
