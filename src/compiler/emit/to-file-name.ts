import type { EmitFormat } from "./emit-definitions.ts";

/** The ends of the files' names. */
export const extensions = { json: ".json", mongosh: ".js", terraform: ".tf" } as const satisfies Record<
  EmitFormat,
  string
>;

/**
 * A processor's name as the name of its file: most names as they are, and what a file system, a path or Terraform would take for
 * something else as `%` and two hexadecimal digits a byte. Different names give different files.
 */
export function toFileName(name: string, format: EmitFormat): string {
  const safe = name
    .replaceAll(/[^\p{L}\p{N} _.,;=+@~()[\]{}!#$&'-]/gu, encode)
    .replace(/^\./, "%2E")
    .replace(/[. ]$/, encode);
  const file = format === "terraform" ? keepFromTerraform(safe) : safe;
  return `${file === "" ? "%" : file}${extensions[format]}`;
}

/** `variables.tf` is the module's own, and Terraform reads `override.tf` and `*_override.tf` as changes to other files. */
function keepFromTerraform(file: string): string {
  if (/^variables$/iu.test(file)) return `${encode(file.slice(0, 1))}${file.slice(1)}`;
  return file.replace(/(?:^|_)override$/u, (end) => `${encode(end.slice(0, 1))}${end.slice(1)}`);
}

function encode(character: string): string {
  return [...new TextEncoder().encode(character)]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`)
    .join("");
}
