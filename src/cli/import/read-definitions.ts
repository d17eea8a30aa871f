import { parseExactJson } from "../../compiler/exact-json.ts";
import type { RemoteProcessor } from "../../deploy/plan/remote.ts";
import { toRemoteProcessor } from "../../deploy/targets/read-fields.ts";
import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { fieldOf } from "../../engine/core/exact-bson.ts";
import type { Definition, ProcessorOptions } from "../../stages/definition.ts";

/** Documented in docs/errors/ASP6090.md. */
export const noDefinition = defineFinding<{ file: string; reason: string }>("ASP6090", {
  severity: "error",
  message: ({ file, reason }) => `\`${file}\` has no definition of a processor: ${reason}`,
  help: "give a file that `asp compile` writes, that mongosh prints as EJSON, or that the Admin API returns",
});

/** The definitions of a JSON file: one, a list, or a reply of the Admin API; Extended JSON of either form is read. */
export function readDefinitions(
  text: string,
  file: string,
): { readonly definitions: readonly Definition[]; readonly findings: readonly Finding[] } {
  const refuse = (reason: string) => ({ definitions: [], findings: [noDefinition({}, { file, reason })] });
  let content: unknown;
  try {
    content = parseExactJson(text);
  } catch (error) {
    return refuse(`it is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const listed = fieldOf(content, "results") ?? fieldOf(content, "streamProcessors") ?? content;
  const entries = Array.isArray(listed) ? (listed as readonly unknown[]) : [listed];
  if (entries.length === 0) return refuse("its list is empty");
  const definitions: Definition[] = [];
  for (const [index, entry] of entries.entries()) {
    const remote = toRemoteProcessor(entry);
    if (remote === undefined) {
      const where = entries.length === 1 ? "" : `entry ${index + 1} of its list `;
      return refuse(`${where}needs \`name\`, a text, and \`pipeline\`, a list`);
    }
    definitions.push(isPlain(entry) ? toPlain(entry, remote) : toDefinition(remote));
  }
  return { definitions, findings: [] };
}

/** What a workspace has, as a definition; a tier that every processor gets without asking is left out. */
export function toDefinition(
  { name, pipeline, dlq, tier, autoscaling, failoverEnabled, streamMetaFieldName }: RemoteProcessor,
  usualTier?: string,
): Definition {
  const options = {
    ...(dlq && { dlq }),
    ...(tier !== undefined && tier !== usualTier && { tier }),
    ...(autoscaling && { autoscaling }),
    ...(failoverEnabled === true && { failoverEnabled }),
    ...(streamMetaFieldName !== undefined && { streamMetaFieldName }),
  } as ProcessorOptions;
  return { name, pipeline, ...(Object.keys(options).length > 0 && { options }) };
}

/** Nothing of a service is in it: then its options are the author's, whatever they are. */
function isPlain(entry: unknown): boolean {
  const keys = entry instanceof Map ? [...(entry as Map<string, unknown>).keys()] : Object.keys(entry as object);
  return keys.every((key) => ["name", "pipeline", "options"].includes(key));
}

function toPlain(entry: unknown, { name, pipeline }: RemoteProcessor): Definition {
  const options = fieldOf(entry, "options") as ProcessorOptions | undefined;
  return { name, pipeline, ...(options !== undefined && { options }) };
}
