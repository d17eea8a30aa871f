import { access, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { TestProject } from "vitest/node";
import { cacheFolder } from "../../src/mongod/sources/cache-folder.ts";

declare module "vitest" {
  export interface ProvidedContext {
    readonly mongosh: string;
  }
}

const version = "2.12.0";

/**
 * The real mongosh, installed once into the cache: 331 packages and 150 MB are too much for everybody's `npm ci`.
 *
 * It is made beside its place and then moved there, so that an install that is broken off leaves nothing that looks whole.
 */
export default async function setup(project: TestProject): Promise<void> {
  const cache = cacheFolder(process.env);
  const folder = join(cache, `mongosh-${version}`);
  const script = "node_modules/@mongosh/cli-repl/bin/mongosh.js";
  const isThere = await access(join(folder, script)).then(
    () => true,
    () => false,
  );
  if (!isThere) await install(folder, script);
  project.provide("mongosh", join(folder, script));
}

async function install(folder: string, script: string): Promise<void> {
  process.stderr.write(`Installing mongosh ${version} (150 MB), once…\n`);
  const beside = `${folder}.${process.pid}`;
  await mkdir(beside, { recursive: true });
  await writeFile(join(beside, "package.json"), '{ "private": true }\n');
  await execa("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", `mongosh@${version}`], { cwd: beside });
  await access(join(beside, script));
  await rename(beside, folder).catch(() => rm(beside, { recursive: true, force: true }));
}
