import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { execa } from "execa";
import { toRow } from "./harness/benchmark.ts";
import type { Benchmark } from "./harness/benchmark.ts";
import { interleave } from "./harness/interleave.ts";
import { root } from "./harness/time-process.ts";

/** The same modules with our types, and with types that say no more than that a pipeline is a list of documents. */
export const typesSample: Benchmark = {
  name: "types-sample",
  run: async (tell) => {
    const [typed, plain] = [await makeProject("typed"), await makeProject("plain")];
    try {
      const instantiations = new Map<string, number>();
      const measure = async (project: string): Promise<number> => {
        const { seconds, count } = await typeCheck(project);
        instantiations.set(project, count);
        return seconds * 1000;
      };
      const { ours, theirs } = await interleave(
        { ours: () => measure(typed), theirs: () => measure(plain) },
        { rounds: 9, tell },
      );
      const row = { benchmark: "types-sample", against: "Document[]", target: 0.67 };
      return [
        toRow({ ...row, ours, theirs, unit: "ms" }),
        toRow({
          ...row,
          against: "Document[], types made",
          ours: instantiations.get(typed) ?? Number.NaN,
          theirs: instantiations.get(plain) ?? Number.NaN,
          unit: "instantiations",
        }),
      ];
    } finally {
      await Promise.all([typed, plain].map((project) => rm(project, { recursive: true, force: true })));
    }
  },
};

/** What the compiler says of itself: the time without starting it, and how many types it made out of generic ones. */
async function typeCheck(project: string): Promise<{ readonly seconds: number; readonly count: number }> {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { stdout } = await execa(execPath, [tsc, "--extendedDiagnostics"], { cwd: project });
  const figure = (name: string): number => Number(new RegExp(`^${name}:\\s+([\\d.]+)`, "mu").exec(stdout)?.[1]);
  return { seconds: figure("Total time"), count: figure("Instantiations") };
}

async function makeProject(kind: "typed" | "plain"): Promise<string> {
  const project = await mkdtemp(join(tmpdir(), "asp-bench-"));
  const packages = join(project, "node_modules");
  await mkdir(packages);
  await cp(join(root, "pipelines"), join(project, "pipelines"), { recursive: true });
  const compilerOptions = {
    ...{ target: "es2023", module: "preserve", strict: true, noUncheckedIndexedAccess: true },
    ...{ verbatimModuleSyntax: true, allowImportingTsExtensions: true, noEmit: true, skipLibCheck: true, types: [] },
  };
  await writeFile(join(project, "package.json"), JSON.stringify({ type: "module", private: true }));
  await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["pipelines"] }));
  await symlink(join(root, "node_modules/@octokit"), join(packages, "@octokit"), "dir");
  const own = join(packages, "asp-toolkit");
  if (kind === "typed") {
    await symlink(root, own, "dir");
  } else {
    await symlink(join(root, "node_modules/bson"), join(packages, "bson"), "dir");
    await mkdir(own);
    await writeFile(join(own, "package.json"), JSON.stringify({ name: "asp-toolkit", types: "./index.d.ts" }));
    await writeFile(join(own, "index.d.ts"), plainTypes);
  }
  return project;
}

/** What the sample project imports, as `Document` has it. */
const plainTypes = `import type { Document } from "bson";
export interface Plain { name: string; pipeline: Document[]; options?: Document }
export declare function defineProcessor(processor: Plain): Document;
export declare function defineProjection<View, Event>(
  projection: {
    name: string;
    key?: (event: Document) => unknown;
    on: { [type: string]: (event: Document, view: Document) => Document };
    into: Document;
    initial: Document;
    guard?: unknown;
    source?: Document;
    options?: Document;
  },
): Document;
export declare function remove(): Document;
export type Ref<T> = T extends never ? never : any;
export type { Document } from "bson";
`;
