import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type { Environment } from "../../config/environment.ts";
import { openTarget } from "../../deploy/targets/open-target.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import type { Definition } from "../../stages/definition.ts";
import type { CommandContext } from "../context.ts";
import { unknownProcessor } from "../open-project.ts";
import { noDefinition, readDefinitions, toDefinition } from "./read-definitions.ts";

/** What is to be imported, with the names of the environment. */
export interface FoundDefinitions {
  readonly definitions: readonly Definition[];
  /** Where they come from, for people. */
  readonly origin: string;
  readonly findings: readonly Finding[];
}

/** A JSON file, or a processor of the environment's workspace. */
export async function findDefinitions(
  what: string,
  environment: Environment,
  { cwd, env, signal, progress }: CommandContext,
): Promise<FoundDefinitions> {
  if (what.endsWith(".json")) {
    const text = await readFile(resolve(cwd, what), "utf8").catch((error: NodeJS.ErrnoException) => error);
    if (typeof text !== "string") {
      const reason = text.code === "ENOENT" ? "it is not there" : `it cannot be read: ${text.message}`;
      return { definitions: [], origin: "", findings: [noDefinition({}, { file: what, reason })] };
    }
    return { ...readDefinitions(text, what), origin: basename(what) };
  }
  const opened = await openTarget(environment, { env, signal, cwd });
  const { target } = opened;
  if (target === undefined) return { definitions: [], origin: "", findings: opened.findings };
  try {
    progress(`reading ${target.label}`);
    const processor = await target.processor(what);
    if (processor === undefined) {
      const known = (await target.processors()).map(({ name }) => name);
      return { definitions: [], origin: "", findings: [unknownProcessor({}, { name: what, known })] };
    }
    const usualTier = environment.settings?.tier ?? (await target.defaults()).tier;
    return { definitions: [toDefinition(processor, usualTier)], origin: target.label, findings: [] };
  } finally {
    await target.close();
  }
}
