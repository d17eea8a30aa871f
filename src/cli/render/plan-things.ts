import { textOf } from "../../deploy/plan/normal-form.ts";
import type { CreateIndexStep } from "../../deploy/plan/step.ts";

interface Named {
  readonly environment: string;
  /** Of a preview. */
  readonly suffix?: string | undefined;
}

/** `staging`, `staging, preview pr-42`. */
export function environmentOf({ environment, suffix }: Named): string {
  return suffix === undefined ? environment : `${environment}, preview ${suffix}`;
}

/** A preview leaves alone what is the environment's own, too. */
export function whoseOf({ suffix }: Pick<Named, "suffix">): "project" | "preview" {
  return suffix === undefined ? "project" : "preview";
}

/** `{"a":1} {"unique":true}`. */
export function describeIndex({ key, options }: CreateIndexStep): string {
  return Object.keys(options).length === 0 ? textOf(key) : `${textOf(key)} ${textOf(options)}`;
}
