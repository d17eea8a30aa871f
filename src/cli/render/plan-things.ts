import { textOf } from "../../deploy/plan/normal-form.ts";
import type { PlanFile } from "../../deploy/plan/plan-file.ts";
import type { CreateIndexStep } from "../../deploy/plan/step.ts";

/** `staging`, `staging, preview pr-42`. */
export function environmentOf({ environment, suffix }: Pick<PlanFile, "environment" | "suffix">): string {
  return suffix === undefined ? environment : `${environment}, preview ${suffix}`;
}

/** `{"a":1} {"unique":true}`. */
export function describeIndex({ key, options }: CreateIndexStep): string {
  return Object.keys(options).length === 0 ? textOf(key) : `${textOf(key)} ${textOf(options)}`;
}
