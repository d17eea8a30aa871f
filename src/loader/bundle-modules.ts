import { resolve } from "node:path";
import { build } from "esbuild";
import type { BuildFailure, BuildOptions, Loader, Message, Plugin } from "esbuild";
import { defineFinding } from "../diagnostics/define-finding.ts";
import type { At, Finding } from "../diagnostics/finding.ts";
import type { OpenModules } from "./open-modules.ts";
import { projectFile } from "./project-file.ts";
import { notParsed } from "./read-module.ts";
import type { SourceModule } from "./read-module.ts";
import { tagName, waitName } from "./tag-places.ts";

/** Documented in docs/errors/ASP4054.md. */
export const unresolvedImport = defineFinding<{ specifier: string }>("ASP4054", {
  severity: "error",
  message: ({ specifier }) => `there is no module \`${specifier}\``,
  help: "correct the path; it counts from the folder of this file and names the extension",
});

/** Documented in docs/errors/ASP4055.md. */
export const foreignImport = defineFinding<{ specifier: string }>("ASP4055", {
  severity: "error",
  message: ({ specifier }) => `a pipeline module cannot import \`${specifier}\``,
  notes: () => ["what is deployed is the compiled pipeline; only `asp-toolkit` and relative modules take part in it"],
  help: "move what you need of it into a module of the project, or use `import type` for a type",
});

/** Documented in docs/errors/ASP4058.md. */
export const unknownExport = defineFinding<{ problem: string; help: string | undefined }>("ASP4058", {
  severity: "error",
  message: ({ problem }) => problem,
  help: ({ help }) => help ?? "correct the imported name, or export it there",
});

/** All modules as one file of plain JavaScript, which exports `modules`: for each entry a function that runs it. */
export interface Bundle {
  readonly code: string;
  /** Source map to the tagged code, made when something threw; its sources are relative to `outdir`. */
  readonly map: () => Promise<string>;
  /** By absolute path, whatever was read. */
  readonly modules: ReadonlyMap<string, SourceModule>;
  readonly findings: readonly Finding[];
}

export interface BundleOptions {
  readonly cwd: string;
  readonly outdir: string;
  readonly opened: OpenModules;
  /** Expression for what the loaded code gets from the running process, a `Host`. */
  readonly host: string;
  /** Names that `asp-toolkit` exports. */
  readonly exports: readonly string[];
}

/**
 * Bundles all modules in one go. One file loads ten times as fast as two hundred; each module in it runs when it is asked for,
 * once, and keeps its error. A module that is broken becomes one that refuses to load, so that the others, and what is wrong
 * with them, are not hidden by it.
 */
export async function bundleModules(entries: readonly string[], options: BundleOptions): Promise<Bundle> {
  const { modules } = options.opened;
  // Files that are no modules, such as JSON, and that the bundler refuses.
  const refused = new Set<string>();
  const findings = new Map<string, Finding>();
  const note = (finding: Finding): void => {
    findings.set(`${finding.code} ${finding.file}:${finding.line}:${finding.column}`, finding);
  };
  const run = async (sourcemap: "external" | false, end: string): Promise<string> => {
    const plugins = [sourcePlugin(refused, note, options)];
    const building = build({ ...buildOptions(entries, options), sourcemap, plugins });
    // The bundler is a process that is starting: what it will ask for, in an order of its own, is parsed in the meantime.
    for (const path of entries) {
      const { broken } = options.opened.open(path);
      if (broken !== undefined) note(broken);
    }
    const { outputFiles } = await building;
    return outputFiles.find(({ path }) => path.endsWith(end))?.text ?? "";
  };
  // Each round marks at least one more module as broken, so that this ends.
  for (;;) {
    const before = findings.size;
    try {
      const code = await run(false, ".js");
      let map: Promise<string> | undefined;
      return { code, map: () => (map ??= run("external", ".js.map")), modules, findings: [...findings.values()] };
    } catch (cause) {
      if (!isBuildFailure(cause)) throw cause;
      for (const message of cause.errors) markBroken(message, { modules, refused, cwd: options.cwd, note });
      if (findings.size === before) throw cause;
    }
  }
}

function buildOptions(entries: readonly string[], { cwd, outdir, host }: BundleOptions) {
  return {
    absWorkingDir: cwd,
    stdin: {
      contents: `export const modules = [${entries.map((path) => `() => import(${JSON.stringify(path)})`).join(",\n")}];`,
      resolveDir: cwd,
      sourcefile: "asp-modules.js",
    },
    outdir,
    banner: { js: `const { tag: ${tagName}, wait: ${waitName}, process: ${processName} } = ${host};` },
    // Only where it is the global one: a module may well have another of that name.
    define: { process: processName, "globalThis.process": processName, "global.process": processName },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "es2023",
    charset: "utf8",
    keepNames: false,
    treeShaking: false,
    sourcesContent: false,
    logLevel: "silent",
    logLimit: 0,
    write: false,
    // The user's compiler options are for the editor: what a pipeline compiles to does not depend on them.
    tsconfigRaw: {},
  } as const satisfies BuildOptions;
}

const processName = "__aspProcess";

const refusedScheme = "asp-refused:";

function sourcePlugin(refused: ReadonlySet<string>, note: (finding: Finding) => void, options: BundleOptions): Plugin {
  const { cwd, host, opened } = options;
  const refusal = (reason: string): string => `module.exports = {}; throw ${host}.refuse(${JSON.stringify(reason)});`;
  // CommonJS, so that whoever imports from it names what is not there. A file of an ES module package cannot be that itself.
  const broken = (file: string): string => {
    const specifier = JSON.stringify(`${refusedScheme}${file}`);
    return `export * from ${specifier}; export { default } from ${specifier};`;
  };
  return {
    name: "asp-sources",
    setup(bundler) {
      bundler.onResolve({ filter: /^[^./]/ }, ({ path, kind, importer }) => {
        if (kind === "entry-point" || /^[A-Za-z]:[\\/]/.test(path)) return undefined;
        if (path.startsWith(refusedScheme)) return { path: path.slice(refusedScheme.length), namespace: "asp-refused" };
        if (path === "asp-toolkit") return { path, namespace: "asp-toolkit" };
        const module = opened.modules.get(importer);
        const named = module?.imports.find(({ specifier }) => specifier === path);
        const start = module && { file: module.source.file, line: 1, column: 1 };
        note(foreignImport(toAt(named ?? (start && { place: start })), { specifier: path }));
        return { path, namespace: "asp-refused" };
      });
      bundler.onLoad({ filter: /.*/, namespace: "asp-toolkit" }, () => ({
        contents: options.exports.map((name) => `export const ${name} = ${host}.toolkit.${name};`).join("\n"),
        loader: "js",
      }));
      bundler.onLoad({ filter: /.*/, namespace: "asp-refused" }, ({ path }) => ({
        contents: refusal(path),
        loader: "js",
      }));
      bundler.onLoad({ filter: /.*/, namespace: "file" }, ({ path }) =>
        refused.has(path) ? { contents: broken(projectFile(cwd, path)), loader: "js" } : undefined,
      );
      bundler.onLoad({ filter: /\.[mc]?[tj]s$/, namespace: "file" }, ({ path }) => {
        const module = opened.open(path);
        if (module.broken === undefined)
          return { contents: module.code, loader: (path.endsWith("ts") ? "ts" : "js") as Loader };
        note(module.broken);
        return { contents: broken(module.source.file), loader: "js" };
      });
    },
  };
}

function toAt(named: At | undefined): At {
  return named === undefined ? {} : named;
}

function isBuildFailure(cause: unknown): cause is BuildFailure {
  return cause instanceof Error && "errors" in cause && Array.isArray(cause.errors);
}

interface Marking {
  readonly modules: Map<string, SourceModule>;
  readonly refused: Set<string>;
  readonly cwd: string;
  readonly note: (finding: Finding) => void;
}

/** What esbuild says of a module that parsed: an import that leads nowhere, or syntax that only it refuses. */
function markBroken(message: Message, { modules, refused, cwd, note }: Marking): void {
  const { location, text } = message;
  const path = location === null ? undefined : resolve(cwd, location.file);
  const module = path === undefined ? undefined : modules.get(path);
  // Without a place it is no mistake of the user's: the caller throws it.
  if (location === null || path === undefined) return;
  // esbuild counts columns in bytes.
  const column = Buffer.from(location.lineText).subarray(0, location.column).toString().length;
  if (module === undefined) {
    refused.add(path);
    const place = { file: projectFile(cwd, path), line: location.line, column: column + 1 };
    note(notParsed({ place, length: Math.max(1, location.length) }, { problem: text }));
    return;
  }
  const at = {
    place: module.source.placeBefore(module.insertions, location.line, column),
    length: Math.max(1, location.length),
  };
  const broken = toFinding(text, message, at);
  modules.set(path, { ...module, broken });
  note(broken);
}

function toFinding(text: string, message: Message, at: At): Finding {
  const specifier = text.match(/^Could not resolve "(.*)"/)?.[1];
  if (specifier !== undefined) return unresolvedImport(at, { specifier });
  const [, from, name] = text.match(/^No matching export in "(.*)" for import "(.*)"$/) ?? [];
  if (from !== undefined && name !== undefined) {
    const owner = from.startsWith("asp-toolkit:") ? "asp-toolkit" : from;
    const meant = message.notes[0]?.text.match(/Did you mean to import "(.*)" instead/)?.[1];
    const help = meant === undefined ? undefined : `did you mean \`${meant}\`?`;
    return unknownExport(at, { problem: `\`${owner}\` exports no \`${name}\``, help });
  }
  return notParsed(at, { problem: text });
}
