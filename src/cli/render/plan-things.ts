import { textOf } from "../../deploy/plan/normal-form.ts";
import type { PlanFile } from "../../deploy/plan/plan-file.ts";
import type { CollectionStep, CreateIndexStep, Step } from "../../deploy/plan/step.ts";

/** What a step is about, by its name. */
export function labelOf(step: Step): string {
  if ("name" in step) return step.name;
  if ("workspace" in step) return step.workspace;
  return "connection" in step ? step.connection : collectionOf(step);
}

/** `staging`, `staging, preview pr-42`. */
export function environmentOf({ environment, suffix }: Pick<PlanFile, "environment" | "suffix">): string {
  return suffix === undefined ? environment : `${environment}, preview ${suffix}`;
}

export function collectionOf({ db, coll }: Pick<CollectionStep, "db" | "coll">): string {
  return `${db}.${coll}`;
}

/** `{"a":1} {"unique":true}`. */
export function describeIndex({ key, options }: CreateIndexStep): string {
  return Object.keys(options).length === 0 ? textOf(key) : `${textOf(key)} ${textOf(options)}`;
}
