import type { Definition } from "../../stages/definition.ts";
import { toEjson } from "./json.ts";

/** The first line of every file, which says that it is ours. */
export const terraformMark = "# Written by asp compile.";

/**
 * The part of a Terraform module that all its `mongodbatlas_stream_processor` resources share.
 *
 * Source: asp-control-plane section 4 and the provider's documentation of the resource.
 */
export const terraformVariables = `${terraformMark}

terraform {
  required_providers {
    mongodbatlas = {
      source  = "mongodb/mongodbatlas"
      version = ">= 2.16"
    }
  }
}

variable "project_id" {
  type        = string
  description = "Atlas project, 24 hexadecimal digits"
}

variable "workspace_name" {
  type        = string
  description = "Stream processing workspace"
}
`;

/**
 * A Terraform module of `mongodbatlas_stream_processor` resources, without a `state`: a processor is created and not started, and
 * one that runs is stopped, changed and started again.
 *
 * The pipeline is a heredoc of Extended JSON and never `jsonencode`, which sorts keys, whose order is meaning.
 * Source: asp-language section 9.1.
 */
export function toTerraform(definitions: readonly Definition[]): string {
  return [terraformVariables, ...definitions.map(toResource)].join("\n");
}

/** One processor, for a file beside that of {@link terraformVariables}. */
export function toTerraformResource(definition: Definition): string {
  return `${terraformMark}\n\n${toResource(definition)}`;
}

/** Options that the resource has. Source: the provider's documentation, 2.16. */
const known: ReadonlySet<string> = new Set(["dlq", "tier", "autoscaling", "failoverEnabled"]);

/** Options of a definition that Terraform cannot say; `autoscaling` stands in a block that needs a dead letter queue. */
export function optionsNotInTerraform({ options = {} }: Definition): readonly string[] {
  return Object.keys(options).filter(
    (option) => !known.has(option) || (option === "autoscaling" && options.dlq === undefined),
  );
}

function toResource({ name, pipeline, options = {} }: Definition): string {
  const { dlq, tier, autoscaling, failoverEnabled } = options;
  const attributes = [
    ["project_id", "var.project_id"],
    ["workspace_name", "var.workspace_name"],
    ["processor_name", toText(name)],
    ...(typeof tier === "string" ? [["tier", toText(tier)]] : []),
    ...(typeof failoverEnabled === "boolean" ? [["failover_enabled", String(failoverEnabled)]] : []),
  ];
  const width = Math.max(...attributes.map(([attribute = ""]) => attribute.length));
  const block = dlq === undefined ? "" : `\n${toOptions(dlq, autoscaling)}`;
  return `resource "mongodbatlas_stream_processor" "${toLabel(name)}" {
${attributes.map(([attribute = "", value]) => `  ${attribute.padEnd(width)} = ${value}\n`).join("")}
  pipeline = <<-JSON
${toHeredoc(toEjson(pipeline, 2))}
  JSON
${block}}
`;
}

function toOptions(dlq: NonNullable<Definition["options"]>["dlq"] & object, autoscaling: unknown): string {
  return `  options = {
    dlq = {
      connection_name = ${toText(dlq.connectionName)}
      db              = ${toText(dlq.db)}
      coll            = ${toText(dlq.coll)}
    }
${toAutoscaling(autoscaling)}  }
`;
}

function toAutoscaling(autoscaling: unknown): string {
  if (typeof autoscaling !== "object" || autoscaling === null) return "";
  const { enabled = true, minTier, maxTier } = autoscaling as Readonly<Record<string, unknown>>;
  const tier = (attribute: string, value: unknown): string =>
    typeof value === "string" ? `      ${attribute} = ${toText(value)}\n` : "";
  return `    autoscaling = {
      enabled  = ${String(enabled)}
${tier("min_tier", minTier)}${tier("max_tier", maxTier)}    }
`;
}

/**
 * JSON as lines of a heredoc. HCL brings every text into Unicode's composed form, which is another text: where that would change
 * something, it stands in escapes, which only JSON reads.
 */
function toHeredoc(json: string): string {
  const lines = escapeTemplate(json).split("\n");
  return lines
    .map((line) => `    ${line.normalize("NFC") === line ? line : line.replaceAll(/[^ -~]/g, toEscape)}`)
    .join("\n");
}

function toEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** What begins a template in HCL stands as a Unicode escape, which JSON and quoted texts of HCL both read. */
function escapeTemplate(text: string): string {
  return text.replaceAll("${", () => "\\u0024{").replaceAll("%{", () => "\\u0025{");
}

/** A quoted text of HCL: its escapes are JSON's, but for `\\b`, `\\f` and `\\/`, which it does not know. */
function toText(text: string): string {
  return escapeTemplate(
    JSON.stringify(text).replaceAll(/\\(["\\nrtu])|\\(b|f)/g, (found, plain, other) => {
      if (plain !== undefined) return found;
      return other === "b" ? "\\u0008" : "\\u000c";
    }),
  );
}

/**
 * A name as an identifier, a different one for every name whatever others there are: what no identifier may hold stands as its
 * code point, `_x20_` for a space.
 */
function toLabel(name: string): string {
  const label = name.replaceAll(/_(?=x[\da-f]*_)|[^\w-]|^[\d-]/gu, toCodePoint);
  return label === "" ? "_x_" : label;
}

function toCodePoint(character: string): string {
  return `_x${character.codePointAt(0)?.toString(16)}_`;
}
