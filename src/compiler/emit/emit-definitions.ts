import type { Definition } from "../../stages/definition.ts";
import { toEjson, toJson } from "./json.ts";
import { mongoshMark, toMongosh } from "./mongosh.ts";
import { terraformMark, terraformVariables, toTerraform, toTerraformResource } from "./terraform.ts";
import { toFileName } from "./to-file-name.ts";

/** What `asp compile` writes. */
export type EmitFormat = "json" | "mongosh" | "terraform";

/** A file of a folder of definitions; `path` has no folder in it. */
export interface EmittedFile {
  readonly path: string;
  readonly text: string;
}

/** All definitions as one text: an array, a script or a module. The same definitions give the same text. */
export function emitDefinitions(definitions: readonly Definition[], format: EmitFormat): string {
  switch (format) {
    case "json":
      return `${toEjson(definitions, 2)}\n`;
    case "mongosh":
      return toMongosh(definitions);
    case "terraform":
      return toTerraform(definitions);
  }
}

/**
 * A file for each definition. Of Terraform also the one with what they share: all files of a folder are one module, which may
 * declare nothing twice.
 */
export function emitFiles(definitions: readonly Definition[], format: EmitFormat): readonly EmittedFile[] {
  const files = definitions.map((definition) => ({
    path: toFileName(definition.name, format),
    text: emitDefinition(definition, format),
  }));
  return format === "terraform" ? [...files, { path: "variables.tf", text: terraformVariables }] : files;
}

/** Whether a text is one that a file of this format has; only JSON, which has no comments, must be judged by its shape. */
export function isEmitted(text: string, format: EmitFormat): boolean {
  switch (format) {
    case "json":
      return isDefinition(text);
    case "mongosh":
      return text.startsWith(mongoshMark);
    case "terraform":
      return text.startsWith(terraformMark);
  }
}

function emitDefinition(definition: Definition, format: EmitFormat): string {
  switch (format) {
    case "json":
      return toJson(definition);
    case "mongosh":
      return toMongosh([definition]);
    case "terraform":
      return toTerraformResource(definition);
  }
}

function isDefinition(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || !("name" in value) || !("pipeline" in value)) return false;
    return typeof value.name === "string" && Array.isArray(value.pipeline);
  } catch {
    return false;
  }
}
