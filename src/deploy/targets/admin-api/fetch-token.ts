import { credentialsRefused, failedOnTheWay, strangeReply } from "../refusals.ts";
import { textIn } from "../read-fields.ts";
import type { ApiReply } from "./reply.ts";
import type { Transport } from "./transport.ts";

export interface ServiceAccount {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Asks for a token of a service account: OAuth 2 client credentials. Source: asp-control-plane section 2. */
export async function fetchToken(
  { sendForm }: Pick<Transport, "sendForm">,
  { clientId, clientSecret }: ServiceAccount,
  label: string,
): Promise<string> {
  // The service wants the two as they are, not percent-encoded.
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString("base64");
  return readToken(await sendForm("/api/oauth/token", "grant_type=client_credentials", `Basic ${basic}`), label);
}

/** @throws AspError ASP6000, ASP6004, ASP6007 */
export function readToken({ status, text }: ApiReply, label: string): string {
  if (status === 400 || status === 401 || status === 403) {
    throw credentialsRefused(label, "correct `auth` of the environment, and the variables it names");
  }
  if (status >= 500) throw failedOnTheWay(label, `${status} to the request for a token`);
  const token = textIn(parse(text), "access_token");
  if (status !== 200 || token === undefined) throw strangeReply(label, `${status} to the request for a token`, false);
  return token;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
