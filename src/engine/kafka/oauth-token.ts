import type { Connection } from "../../config/environment.ts";
import { AspError } from "../../diagnostics/asp-error.ts";
import { fieldOf } from "../core/exact-bson.ts";
import { readText } from "../http/read-text.ts";

const timeoutMs = 30_000;
const maxAnswerBytes = 1024 * 1024;

/** Fetches an OAuth token with the client credentials of a connection. Source: RFC 6749, section 4.4. */
export async function fetchToken(name: string, { authentication = {} }: Connection): Promise<string> {
  const { clientId = "", clientSecret = "", tokenEndpointUrl = "", scope } = authentication;
  const credentials = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`;
  const body = new URLSearchParams({ grant_type: "client_credentials", ...(scope === undefined ? {} : { scope }) });
  let response: Response;
  let text: string;
  try {
    response = await fetch(tokenEndpointUrl, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(credentials).toString("base64")}`, accept: "application/json" },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    text = await readText(response, maxAnswerBytes);
  } catch (cause) {
    throw new AspError("ASP4135", `The token endpoint of the connection \`${name}\` does not answer`, {
      help: "check `authentication.tokenEndpointUrl`",
      cause,
      retryable: true,
    });
  }
  const token = response.ok ? tokenIn(text) : undefined;
  if (token !== undefined) return token;
  throw new AspError(
    "ASP4137",
    `The token endpoint of the connection \`${name}\` gives no token (status ${response.status})`,
    {
      help: "check `authentication.clientId`, `clientSecret` and `scope`",
      retryable: response.status >= 500,
    },
  );
}

function tokenIn(text: string): string | undefined {
  try {
    const token = fieldOf(JSON.parse(text), "access_token");
    return typeof token === "string" ? token : undefined;
  } catch {
    return undefined;
  }
}
