import type { Conversation } from "./scram/conversation.ts";
import type { KnownUser } from "./scram/users.ts";

/** One connection of a client. */
export interface Session {
  /** Of the client, for the log. */
  readonly address: string;
  /** Who has logged in. */
  user: KnownUser | undefined;
  login: Login | undefined;
  /** The client may compress. */
  compresses: boolean;
}

/** A login that has begun. */
export interface Login {
  readonly conversation: Conversation;
  /** The client spares itself the empty message at the end. */
  readonly skipsEmptyExchange: boolean;
  /** Whose proof was right: what is missing is the empty message. */
  proven?: KnownUser;
}

export function createSession(address: string): Session {
  return { address, user: undefined, login: undefined, compresses: false };
}
