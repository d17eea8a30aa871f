import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { emitFiles } from "../compiler/emit/emit-definitions.ts";
import { extensions } from "../compiler/emit/to-file-name.ts";
import { defineFinding } from "../diagnostics/define-finding.ts";
import type { Finding } from "../diagnostics/finding.ts";
import type { Definition } from "../stages/definition.ts";
import type { DefinitionFolder } from "./definition-folder.ts";

/** Documented in docs/errors/ASP4173.md. */
export const renamed = defineFinding<{ former: string; name: string; path: string }>("ASP4173", {
  severity: "warning",
  message: ({ former, name }) => `\`${former}\` is named \`${name}\` now: to the service it is another processor`,
  notes: ({ former, name, path }) => [
    `but for its name, \`${path}\` is what \`${name}\` compiles to`,
    `where \`${former}\` is deployed, it runs on until it is dropped, and \`${name}\` starts without its checkpoint`,
  ],
  help: ({ former }) => `name it \`${former}\` again, or drop \`${former}\` before the new one starts`,
});

/**
 * Processors that are new to the folder and the same, but for their name, as a file there that belongs to none any more. The folder
 * is all that is known: what is deployed, it does not say.
 */
export async function findRenames(
  { root, shown, format }: DefinitionFolder,
  definitions: readonly Definition[],
  { missing, leftovers }: { readonly missing: readonly string[]; readonly leftovers: readonly string[] },
): Promise<readonly Finding[]> {
  const added = definitions.filter((definition) =>
    emitFiles([definition], format).some(({ path }) => path !== "variables.tf" && missing.includes(path)),
  );
  const findings: Finding[] = [];
  for (const path of leftovers) {
    const former = formerName(path.slice(0, -extensions[format].length));
    const text = await readFile(join(root, path), "utf8");
    const definition = added.find((each) =>
      emitFiles([{ ...each, name: former }], format).some((file) => file.path === path && file.text === text),
    );
    if (definition === undefined) continue;
    const { name } = definition;
    findings.push(renamed({ processor: name }, { former, name, path: `${shown}/${path}` }));
  }
  return findings;
}

/** Of the file of a processor, its name. */
function formerName(file: string): string {
  try {
    return decodeURIComponent(file);
  } catch {
    return file;
  }
}
