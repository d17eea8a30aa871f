import type { Definition } from "../../stages/definition.ts";
import { toEjson } from "./json.ts";

/**
 * A Terraform module of `mongodbatlas_stream_processor` resources.
 *
 * The pipeline is a heredoc of Extended JSON and never `jsonencode`, which sorts keys, whose order is meaning.
 * Source: asp-language section 9.1.
 */
export function toTerraform(definitions: readonly Definition[]): string {
  const labels = toLabels(definitions.map(({ name }) => name));
  return [header, ...definitions.map((definition, index) => toResource(definition, labels[index] ?? "processor"))].join(
    "\n",
  );
}

const header = `# Written by asp compile.

variable "project_id" {
  type = string
}

variable "workspace_name" {
  type = string
}
`;

function toResource({ name, pipeline, options }: Definition, label: string): string {
  const dlq = options?.dlq;
  const letters =
    dlq === undefined
      ? ""
      : `
  options = {
    dlq = {
      connection_name = ${toText(dlq.connectionName)}
      db              = ${toText(dlq.db)}
      coll            = ${toText(dlq.coll)}
    }
  }
`;
  const tier = typeof options?.["tier"] === "string" ? `  tier           = ${toText(options["tier"])}\n` : "";
  return `resource "mongodbatlas_stream_processor" "${label}" {
  project_id     = var.project_id
  workspace_name = var.workspace_name
  processor_name = ${toText(name)}
${tier}
  pipeline = <<-JSON
${escapeTemplate(toEjson(pipeline, 2)).split("\n").map(indent).join("\n")}
  JSON
${letters}}
`;
}

function indent(line: string): string {
  return `    ${line}`;
}

/** What begins a template in HCL stands as a Unicode escape, which JSON and quoted texts of HCL both read. */
function escapeTemplate(text: string): string {
  return text.replaceAll("${", () => "\\u0024{").replaceAll("%{", () => "\\u0025{");
}

/** A quoted text of HCL: its escapes are JSON's, but for `\\b`, `\\f` and `\\/`, which it does not know. */
function toText(text: string): string {
  return escapeTemplate(
    JSON.stringify(text).replaceAll(/\\(["\\nrtu])|\\(b|f)/g, (found, known, other) => {
      if (known !== undefined) return found;
      return other === "b" ? "\\u0008" : "\\u000c";
    }),
  );
}

/** Identifiers made of names; those that become equal are numbered. */
function toLabels(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const plain = name.replaceAll(/[^A-Za-z0-9_-]/g, "_");
    const label = /^[A-Za-z_]/.test(plain) ? plain : `_${plain}`;
    let free = label;
    for (let count = 2; taken.has(free); count++) free = `${label}_${count}`;
    taken.add(free);
    return free;
  });
}
