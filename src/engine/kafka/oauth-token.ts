import type { Connection } from "../../config/environment.ts";
import { AspError } from "../../diagnostics/asp-error.ts";

const timeoutMs = 30_000;

/** Fetches an OAuth token with the client credentials of a connection. Source: RFC 6749, section 4.4. */
export async function fetchToken(name: string, { authentication = {} }: Connection): Promise<string> {
  const { clientId = "", clientSecret = "", tokenEndpointUrl = "", scope } = authentication;
  const credentials = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`;
  const body = new URLSearchParams({ grant_type: "client_credentials", ...(scope === undefined ? {} : { scope }) });
  let response: Response;
  try {
    response = await fetch(tokenEndpointUrl, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(credentials).toString("base64")}`, accept: "application/json" },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (cause) {
    throw new AspError("ASP4135", `The token endpoint of the connection \`${name}\` does not answer`, {
      help: "check `authentication.tokenEndpointUrl`",
      cause,
      retryable: true,
    });
  }
  const answer = response.ok
    ? ((await response.json().catch(() => undefined)) as { access_token?: unknown } | undefined)
    : undefined;
  if (typeof answer?.access_token === "string") return answer.access_token;
  await response.body?.cancel().catch(() => undefined);
  throw new AspError(
    "ASP4137",
    `The token endpoint of the connection \`${name}\` gives no token (status ${response.status})`,
    {
      help: "check `authentication.clientId`, `clientSecret` and `scope`",
      retryable: response.status >= 500,
    },
  );
}
