import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { authorNames } from "../../compiler/author-names.ts";
import { toModule } from "../../compiler/emit/module.ts";
import type { Environment } from "../../config/environment.ts";
import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { printable } from "../../diagnostics/printable.ts";
import type { Definition } from "../../stages/definition.ts";
import { replaceFile } from "../replace-file.ts";
import { checkModule } from "./check-module.ts";
import { fileName } from "./file-name.ts";

/** Documented in docs/errors/ASP6091.md. */
export const alreadyThere = defineFinding<{ name: string; file: string; what: "file" | "processor" }>("ASP6091", {
  severity: "error",
  message: ({ name, file, what }) =>
    what === "file" ? `\`${file}\` is there already` : `the project has a processor \`${name}\` already`,
  help: ({ what }) =>
    what === "file"
      ? "give another file with --out, or --force to write over it"
      : "remove its module, or give its file with --out and --force",
});

export interface WriteModulesOptions {
  /** Where they come from, for people. */
  readonly origin: string;
  readonly out: string | undefined;
  readonly force: boolean;
  readonly environment: Environment;
  /** Of the processors that the project has. */
  readonly names: readonly string[];
}

export interface WrittenModule {
  readonly name: string;
  readonly file: string;
  /** None where it compiles to the definition that it was written from. */
  readonly findings: readonly Finding[];
}

/** Writes a module for each definition, or none where one of them would replace something. */
export async function writeModules(
  definitions: readonly Definition[],
  { origin, out, force, environment, names }: WriteModulesOptions,
  { cwd }: { readonly cwd: string },
): Promise<{ readonly modules: readonly WrittenModule[]; readonly findings: readonly Finding[] }> {
  const planned = definitions.map((definition) => ({
    definition,
    file: out ?? `pipelines/${fileName(definition.name)}.ts`,
  }));
  const refused = planned.flatMap(({ definition: { name }, file }) => {
    const isThere = existsSync(resolve(cwd, file));
    if (force && isThere) return [];
    if (isThere) return [alreadyThere({}, { name, file, what: "file" })];
    return names.includes(name) ? [alreadyThere({}, { name, file, what: "processor" })] : [];
  });
  if (refused.length > 0) return { modules: [], findings: refused };
  for (const { definition, file } of planned) {
    const path = resolve(cwd, file);
    await mkdir(dirname(path), { recursive: true });
    await replaceFile(path, toModule(authorNames(definition, environment), `Imported from ${printable(origin)}.`));
  }
  const modules: WrittenModule[] = [];
  for (const { definition, file } of planned) {
    const findings = await checkModule(definition, file, { cwd, folder: dirname(file), environment });
    modules.push({ name: definition.name, file, findings });
  }
  return { modules, findings: [] };
}
