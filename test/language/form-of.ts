import type { TSchema } from "@sinclair/typebox";
import { isDeepStrictEqual } from "node:util";
import { checkServerVersion } from "../../src/compiler/check-server-version.ts";
import { planProcessor } from "../../src/engine/core/plan.ts";
import type { Definition } from "../../src/stages/definition.ts";
import { stageTable } from "../../src/stages/index.ts";
import { meantVariant } from "../../src/stages/meant-variant.ts";
import { compile } from "../compiler/support.ts";
import { pipelineWith } from "./check-support.ts";
import { withField, withoutField } from "./reference.ts";
import type { ReferenceForm, ReferencePlace } from "./reference.ts";

/** Dotted paths of all fields that our description of a form has, those that only hold others included. */
export function describedFields(form: ReferenceForm): readonly string[] {
  return pathsOf(described(form).args);
}

/** Where a form is run: in the main pipeline if it may stand there. */
export function placeToRun({ places }: ReferenceForm): ReferencePlace {
  return places.includes("main") ? "main" : (places[0] ?? "main");
}

/** Whether `asp run` runs a form, or heeds one of its fields. */
export function runOf(form: ReferenceForm, path?: string): "yes" | "no" | "no effect" {
  if (!described(form).runs) return "no";
  if (path === undefined) return "yes";
  // What the engine does is in its plan, and nothing else is.
  const plans = [withField(form, path), withoutField(form, path)].map((args) =>
    planProcessor({ name: "a", pipeline: pipelineWith({ [form.stage]: args }, placeToRun(form)) } as Definition),
  );
  return isDeepStrictEqual(plans[0], plans[1]) ? "no effect" : "yes";
}

/** Of mongod, as far as they brought what is told of here. */
export const releases = ["6.0", "7.0", "8.0", "8.1", "8.2", "8.3"];

/** The first mongod that has what a form, or one field of it, needs; undefined for what is not run. */
export function serverOf(form: ReferenceForm, path?: string): string | undefined {
  if (runOf(form, path) === "no") return undefined;
  const args = path === undefined ? form.args : withField(form, path);
  const { definition } = compile(pipelineWith({ [form.stage]: args }, placeToRun(form)));
  if (definition === undefined) throw new Error(`${form.stage} ${path ?? ""} does not compile`);
  return releases.find((version) => checkServerVersion(definition, `${version}.0`).length === 0);
}

function described({ stage, args }: ReferenceForm): { readonly args: TSchema; readonly runs: boolean } {
  const description = stageTable.get(stage);
  if (description === undefined) throw new Error(`there is no stage ${stage}`);
  return meantVariant(description, args) ?? description;
}

function pathsOf(schema: TSchema, prefix = ""): readonly string[] {
  const { properties, else: inner } = schema as {
    readonly properties?: Readonly<Record<string, TSchema>>;
    readonly else?: TSchema;
  };
  if (inner !== undefined) return pathsOf(inner, prefix);
  return Object.entries(properties ?? {}).flatMap(([name, each]) => [
    prefix + name,
    ...pathsOf(each, `${prefix}${name}.`),
  ]);
}
