import { basename, join, relative, resolve } from "node:path";
import { access, readFile } from "node:fs/promises";
import { defineFinding } from "../../diagnostics/define-finding.ts";
import { defineCommand } from "../define-command.ts";
import { projectFiles } from "../init/project-files.ts";
import { writeFiles } from "../init/write-files.ts";
import { withoutResult } from "../without-result.ts";

/** Documented in docs/errors/ASP4154.md. */
export const fileInTheWay = defineFinding<{ path: string }>("ASP4154", {
  severity: "error",
  message: ({ path }) => `\`${path}\` exists already, and \`asp init\` overwrites nothing`,
  help: "name another folder, or move the file away",
});

export const init = defineCommand({
  name: "init",
  summary: "Make a new project: config, one projection, one fixture case, CI workflow",
  about:
    "A package.json, tsconfig.json or .gitignore that is there already is kept as it is. Where any other file is in the\n" +
    "way, nothing is written.",
  examples: ["asp init", "asp init shop"],
  operands: { spec: "[dir]", about: "the folder, made where it does not exist; default: this one" },
  options: {},
  async run({ operands: [dir = "."] }, ctx) {
    const root = resolve(ctx.cwd, dir);
    const files = projectFiles({ name: basename(root), version: ctx.version });
    const present = await Promise.all(files.map(({ path }) => exists(join(root, path))));
    const kept = files.filter((file, index) => present[index] === true && file.optional === true);
    const inTheWay = files.filter((file, index) => present[index] === true && file.optional !== true);
    const shown = (path: string): string => relative(ctx.cwd, join(root, path));
    if (inTheWay.length > 0) {
      const findings = inTheWay.map(({ path }) => fileInTheWay({}, { path: shown(path) }));
      return withoutResult(findings);
    }

    const created = files.filter((_, index) => present[index] === false);
    await writeFiles(root, created);
    const missing = kept.some(({ path }) => path === "package.json") ? await missingPackages(root) : undefined;
    const next = [
      ...(root === ctx.cwd ? [] : [`cd ${relative(ctx.cwd, root)}`]),
      ...(missing === undefined ? ["npm install"] : []),
      ...(missing === undefined || missing.length === 0 ? [] : [`npm install --save-dev ${missing.join(" ")}`]),
      "npx asp validate",
      "npx asp test",
    ];
    return {
      text: [
        "Created:",
        ...created.map(({ path }) => `  ${shown(path)}`),
        ...(kept.length === 0 ? [] : ["", "Kept as they were:", ...kept.map(({ path }) => `  ${shown(path)}`)]),
        "",
        "Next:",
        ...next.map((line) => `  ${line}`),
      ].join("\n"),
      json: { created: created.map(({ path }) => shown(path)), kept: kept.map(({ path }) => shown(path)), next },
    };
  },
});

/** What the project's own package.json does not name yet. */
async function missingPackages(root: string): Promise<readonly string[]> {
  const needed = ["asp-toolkit", "typescript"];
  try {
    const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as Record<string, object>;
    const named = { ...manifest["dependencies"], ...manifest["devDependencies"] };
    return needed.filter((name) => !(name in named));
  } catch {
    // Not ours to judge; npm will.
    return needed;
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
