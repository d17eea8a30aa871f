import type { Definition } from "../../stages/definition.ts";
import { toEjson, toJson } from "./json.ts";
import { toMongosh } from "./mongosh.ts";
import { toTerraform } from "./terraform.ts";

/** What `asp compile` writes. */
export type EmitFormat = "json" | "mongosh" | "terraform";

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

/** One definition as the text of its own file. */
export function emitDefinition(definition: Definition, format: EmitFormat): string {
  return format === "json" ? toJson(definition) : emitDefinitions([definition], format);
}

/**
 * A processor's name as the name of a file, without an extension: most names as they are, and what a file system or a path
 * would take for something else as `%` and two hexadecimal digits a byte. Different names give different files.
 */
export function toFileName(name: string): string {
  const safe = name
    .replaceAll(/[^\p{L}\p{N} _.,;=+@~()[\]{}!#$&'-]/gu, encode)
    .replace(/^\./, "%2E")
    .replace(/[. ]$/, encode);
  return safe === "" ? "%" : safe;
}

function encode(character: string): string {
  return [...new TextEncoder().encode(character)]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`)
    .join("");
}
