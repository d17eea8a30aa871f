import { access, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { TestProject } from "vitest/node";
import { cacheFolder } from "../../src/mongod/sources/cache-folder.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The path of mongosh; without a package registry, why there is none. */
    readonly mongosh: { readonly path: string } | { readonly missing: string };
  }
}

const version = "2.12.0";
const script = "node_modules/@mongosh/cli-repl/bin/mongosh.js";

/**
 * The real mongosh, installed once into the cache: 331 packages and 150 MB are too much for everybody's `npm ci`.
 *
 * Where that fails its tests are skipped, but for CI, which is to say so: ASP_TESTS_NEED_MONGOSH, or CI itself, is set there.
 */
export default async function setup(project: TestProject): Promise<void> {
  const folder = join(cacheFolder(process.env), `mongosh-${version}`);
  const path = join(folder, script);
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  const failed = isThere ? undefined : await install(folder);
  if (failed === undefined) return project.provide("mongosh", { path });
  const missing = `npm cannot install mongosh ${version}: ${failed}`;
  if ((process.env["ASP_TESTS_NEED_MONGOSH"] ?? process.env["CI"] ?? "") !== "") throw new Error(missing);
  process.stderr.write(`The tests in the real mongosh are skipped: ${missing}\n`);
  project.provide("mongosh", { missing });
}

/** Made beside its place and then moved there, so that an install that is broken off leaves nothing that looks whole. */
async function install(folder: string): Promise<string | undefined> {
  process.stderr.write(`Installing mongosh ${version} (150 MB), once…\n`);
  const beside = `${folder}.${process.pid}`;
  await mkdir(beside, { recursive: true });
  await writeFile(join(beside, "package.json"), '{ "private": true }\n');
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-retry-mintimeout=1000"];
  const installed = await execa("npm", ["install", ...quiet, `mongosh@${version}`], {
    cwd: beside,
    reject: false,
    all: true,
  });
  if (installed.exitCode === 0) await rename(beside, folder).catch(() => undefined);
  await rm(beside, { recursive: true, force: true });
  return installed.exitCode === 0 ? undefined : installed.all.split("\n").slice(0, 4).join("; ");
}
