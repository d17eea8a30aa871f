import { access, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { cacheFolder } from "../../src/mongod/sources/cache-folder.ts";
import { npmInstall } from "./npm-install.ts";

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
 */
export default async function setup(project: TestProject): Promise<void> {
  const folder = join(cacheFolder(process.env), `mongosh-${version}`);
  const path = join(folder, script);
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  const missing = isThere ? undefined : await install(folder);
  if (missing === undefined) return project.provide("mongosh", { path });
  process.stderr.write(`The tests in the real mongosh are skipped: ${missing}\n`);
  project.provide("mongosh", { missing });
}

/** Made beside its place and then moved there, so that an install that is broken off leaves nothing that looks whole. */
async function install(folder: string): Promise<string | undefined> {
  process.stderr.write(`Installing mongosh ${version} (150 MB), once…\n`);
  const beside = `${folder}.${process.pid}`;
  await mkdir(beside, { recursive: true });
  try {
    await writeFile(join(beside, "package.json"), '{ "private": true }\n');
    const missing = await npmInstall(`mongosh@${version}`, beside);
    if (missing === undefined) await rename(beside, folder).catch(() => undefined);
    return missing;
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}
