import { isAspError, type AspError } from "../../../diagnostics/asp-error.ts";
import type { Finding } from "../../../diagnostics/finding.ts";
import { connectionsOf } from "../../../engine/connections-of.ts";
import type { Definition } from "../../../stages/definition.ts";
import type { Tenant } from "../../project-types.ts";
import { ApiError } from "../http/api-error.ts";

/** Documented in docs/errors/ASP5192.md. */
const definitionRefused = "ASP5192";

/** The wrapper of everything that the service's engine says. Source: asp-control-plane 1.7. */
export function processorFailed(name: string, text: string): ApiError {
  const detail = `Streams Processor with this name (${name}) had a problem occur: ${text}`;
  return new ApiError(400, "STREAM_PROCESSOR_GENERIC_ERROR", detail, { parameters: [name, text] });
}

/** Runs what may refuse a definition; the refusal begins with the service's text, where one is known, since clients look for it. */
export async function explainRefusal<Result>(
  tenant: Tenant,
  definition: Definition,
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (!isAspError(error) || error.code !== definitionRefused) throw error;
    throw processorFailed(definition.name, textOf(tenant, definition, error));
  }
}

/** Of several findings the one that the service has words for. */
function textOf(tenant: Tenant, definition: Definition, { message, help, cause }: AspError): string {
  const known = Array.isArray(cause) ? (cause as readonly Finding[]) : [];
  for (const finding of known) {
    const recorded = recordedText(tenant, definition, finding);
    if (recorded !== undefined) return `${recorded}${withHelp(finding.message, finding.help)}`;
  }
  return withHelp(message, help);
}

function withHelp(message: string, help: string | undefined): string {
  return help === undefined ? message : `${message} (${help})`;
}

/** Codes of findings by what the service's parser says of the same. Source: asp-control-plane 1.7, `IDL…` and `BadValue`. */
const parserErrors: Readonly<Record<string, string>> = {
  ASP1005: "IDLFailedToParse",
  ASP1006: "IDLUnknownField",
  ASP1007: "IDLFailedToParse",
  ASP4048: "IDLUnknownField",
};

function recordedText({ connections }: Tenant, definition: Definition, { code }: Finding): string | undefined {
  const parserError = parserErrors[code];
  if (parserError !== undefined) return `${parserError}: `;
  if (code !== unknownConnection) return undefined;
  const missing = namesIn(definition).find((name) => connections.find(name)?.state !== "READY");
  return missing === undefined
    ? undefined
    : `connection named ${missing} does not exist. Check sp.listConnections() for the connections that do. `;
}

/** Documented in docs/errors/ASP4030.md. */
const unknownConnection = "ASP4030";

/** A pipeline that is refused may have any form. */
function namesIn(definition: Definition): readonly string[] {
  try {
    return connectionsOf(definition);
  } catch {
    return [];
  }
}
