import type { Static, TSchema } from "@sinclair/typebox";
import { $addFields } from "./add-fields.ts";
import type { StageDescription } from "./define-stage.ts";
import { $match } from "./match.ts";
import { $merge } from "./merge.ts";
import { notRunYet } from "./not-run-yet.ts";
import { $project } from "./project.ts";
import { $redact } from "./redact.ts";
import { $replaceRoot } from "./replace-root.ts";
import { $replaceWith } from "./replace-with.ts";
import { $set } from "./set.ts";
import { $source } from "./source.ts";
import { $unset } from "./unset.ts";
import { $unwind } from "./unwind.ts";
import { $validate } from "./validate.ts";

const running = [
  $source,
  $match,
  $project,
  $addFields,
  $set,
  $unset,
  $replaceRoot,
  $replaceWith,
  $redact,
  $unwind,
  $validate,
  $merge,
] as const;

/** Every stage of ASP by its wire name, those that the engine does not run yet included. */
export const stageTable: ReadonlyMap<string, StageDescription> = new Map<string, StageDescription>([
  ...running.map((stage): [string, StageDescription] => [stage.name, stage]),
  ...Object.entries(notRunYet).map(([name, stage]): [string, StageDescription] => [name, { name, ...stage }]),
]);

type Running = (typeof running)[number];

type ArgsOf<Stage> = Stage extends { readonly args: infer Args extends TSchema } ? Static<Args> : never;

/** The argument of each stage, by wire name. */
export type StageArgs = {
  readonly [Each in Running as Each["name"]]: ArgsOf<Each>;
} & { readonly [Name in keyof typeof notRunYet]: unknown };

/**
 * One stage of a pipeline: an object with one key, the stage's wire name.
 *
 * Written as one type with optional keys and not as a union, so that a misspelt name gets the editor's "did you mean" and
 * the compiler need not try a dozen alternatives. That there is exactly one key is checked by `asp validate`.
 */
export type Stage = { readonly [Name in keyof StageArgs]?: StageArgs[Name] };
