import { AspError } from "../../diagnostics/asp-error.ts";
import { mergeHeaders, type Endpoint } from "../core/http-request.ts";
import type { EngineContext } from "../engine-context.ts";

/** Where the requests of a connection go. Throws AspError ASP5141 where its `url` is missing or none. */
export function readEndpoint(
  connectionName: string,
  { name, connections }: Pick<EngineContext, "name" | "connections">,
  help = "write where requests go: `url: http://localhost:8080`",
): Endpoint {
  const { url: text, headers = {} } = connections.settings(connectionName);
  const url = text === undefined ? undefined : toUrl(text);
  if (url === undefined) {
    const what = text === undefined ? "has no `url`" : "has a `url` that is no address of HTTP";
    throw new AspError("ASP5141", `\`${name}\` cannot start: the connection \`${connectionName}\` ${what}`, {
      help,
    });
  }
  const entries = Object.entries(headers);
  if (url.username !== "" || url.password !== "") {
    const credentials = `${decoded(url.username)}:${decoded(url.password)}`;
    entries.unshift(["authorization", `Basic ${Buffer.from(credentials).toString("base64")}`]);
  }
  // They are secrets, and the address is shown.
  url.username = "";
  url.password = "";
  url.hash = "";
  return { url, headers: mergeHeaders(entries) };
}

/** A percent sign that begins nothing stands for itself. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (bytes) => {
    try {
      return decodeURIComponent(bytes);
    } catch {
      return bytes;
    }
  });
}

function toUrl(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.protocol === "http:" || url.protocol === "https:" ? url : undefined;
}
