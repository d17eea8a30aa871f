import type { TSchema } from "@sinclair/typebox";
import type { StageContext } from "./values.ts";

/** What a stage is in a processor: exactly one `source` first, exactly one `sink` last, `transform` and `window` between. */
export type StageRole = "source" | "transform" | "window" | "sink";

/** One form of a stage, told apart by the fields it is given; the first whose `when` holds is meant. */
export interface StageVariant<Args extends TSchema = TSchema> {
  /** As findings name it: "`$source` on a change stream". */
  readonly name: string;
  readonly summary: string;
  readonly when: (fields: Readonly<Record<string, unknown>>) => boolean;
  /** False: ASP has it and the engine here does not run it yet, so its fields are not checked either. */
  readonly runs: boolean;
  readonly args: Args;
  /** Fields of the other variants that this one excludes, which the schema alone would call unknown. */
  readonly excludes?: readonly string[];
}

/** Everything there is to know about one ASP stage: type, schema, placement, docs and what the engine does with it. */
export interface StageDescription<Name extends string = string, Args extends TSchema = TSchema> {
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
  /** Absent for a stage that does not run yet. */
  readonly args?: Args;
  /** Where the stage has several forms; `args` is then their union, for the editor. */
  readonly variants?: readonly StageVariant[];
}

/** A stage that runs: its arguments are described. */
export interface RunningStage<Name extends string, Args extends TSchema> extends StageDescription<Name, Args> {
  readonly runs: true;
  readonly args: Args;
}

/** Declares a stage once, for the type, the schema, the placement, the docs and the engine alike. */
export function defineStage<const Name extends string, Args extends TSchema>(
  description: Omit<RunningStage<Name, Args>, "runs">,
): RunningStage<Name, Args> {
  return { ...description, runs: true };
}
