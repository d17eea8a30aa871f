import type { TestProject } from "vitest/node";
import { startMongod } from "../../src/mongod/start-mongod.ts";

declare module "vitest" {
  export interface ProvidedContext {
    readonly mongodUri: string;
  }
}

/** One mongod for all test files of a project: each takes database names of its own from `connectMongod`. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const mongod = await startMongod({ env: process.env, onProgress: (line) => process.stderr.write(`${line}\n`) });
  project.provide("mongodUri", mongod.uri);
  return () => mongod.stop();
}
