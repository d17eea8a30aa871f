import type { AspError } from "../diagnostics/asp-error.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { connectionsOf } from "../engine/connections-of.ts";
import type { Definition } from "../stages/definition.ts";
import type { ConnectionRegistry } from "./project-types.ts";

/** A workspace's connections, by their names. */
interface Connections {
  readonly connections: Pick<ConnectionRegistry, "find">;
}

/**
 * What a client is told of a definition that was refused: of several findings the one that the service has words for, with those words first,
 * since clients look for them. Source: asp-control-plane 1.7.
 */
export function textOfRefusal(tenant: Connections, definition: Definition, { message, help, cause }: AspError): string {
  const known = Array.isArray(cause) ? (cause as readonly Finding[]) : [];
  for (const finding of known) {
    const recorded = recordedText(tenant, definition, finding);
    if (recorded !== undefined) return `${recorded}${withHelp(finding.message, finding.help)}`;
  }
  return withHelp(message, help);
}

export function withHelp(message: string, help: string | undefined): string {
  return help === undefined ? message : `${message} (${help})`;
}

/** Codes of findings by what the service's parser says of the same. Source: asp-control-plane 1.7, `IDL…` and `BadValue`. */
const parserErrors: Readonly<Record<string, string>> = {
  ASP1005: "IDLFailedToParse",
  ASP1006: "IDLUnknownField",
  ASP1007: "IDLFailedToParse",
  ASP4048: "IDLUnknownField",
};

function recordedText({ connections }: Connections, definition: Definition, { code }: Finding): string | undefined {
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
