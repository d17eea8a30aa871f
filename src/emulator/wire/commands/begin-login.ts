import { Binary, type Document } from "bson";
import { printable } from "../../../diagnostics/printable.ts";
import { CommandError, serverErrors } from "../command-error.ts";
import { AuthenticationFailed } from "../scram/authentication-failed.ts";
import { beginConversation } from "../scram/conversation.ts";
import { isMechanism, mechanismNames } from "../scram/mechanisms.ts";
import type { CommandContext, Request } from "./command.ts";

/** There is one login at a time on a connection. */
export const conversationId = 1;

/** @returns the first reply of a login. @throws CommandError */
export function beginLogin({ body, db }: Request, { endpoint, session }: CommandContext): Document {
  session.login = undefined;
  const { mechanism, payload } = body;
  if (!isMechanism(mechanism)) {
    throw new CommandError(
      serverErrors.mechanismUnavailable,
      `only ${mechanismNames.join(" and ")} can be used to log in`,
    );
  }
  if (session.user !== undefined) {
    throw new CommandError(serverErrors.protocolError, "somebody has logged in on this connection already");
  }
  const skipsEmptyExchange = (body["options"] as Document | null | undefined)?.["skipEmptyExchange"] === true;
  try {
    if (db !== "admin") throw new AuthenticationFailed("users are in the database admin");
    const conversation = beginConversation(endpoint.users, mechanism, toBytes(payload));
    session.login = { conversation, skipsEmptyExchange };
    return { conversationId, done: false, payload: new Binary(conversation.challenge) };
  } catch (error) {
    throw refuseLogin(error, undefined, { endpoint, session });
  }
}

/** Some clients send a payload as bytes, some as a text in base64. */
export function toBytes(payload: unknown): Uint8Array {
  if (typeof payload === "string") return Buffer.from(payload, "base64");
  const isBinary = typeof payload === "object" && payload !== null && "_bsontype" in payload;
  if (isBinary && payload._bsontype === "Binary") return (payload as Binary).value();
  throw new AuthenticationFailed("a message without a payload");
}

/** Tells the log why, and the client only that. */
export function refuseLogin(
  error: unknown,
  userName: string | undefined,
  { endpoint, session }: CommandContext,
): unknown {
  if (!(error instanceof AuthenticationFailed)) return error;
  session.login = undefined;
  const who = userName === undefined ? "" : ` as \`${printable(userName.slice(0, 100))}\``;
  endpoint.log(`${session.address}: login${who} failed: ${error.message}`);
  return new CommandError(serverErrors.authenticationFailed, "Authentication failed.");
}
