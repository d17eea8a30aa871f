import { Binary } from "bson";
import { CommandError, serverErrors } from "../command-error.ts";
import { AuthenticationFailed } from "../scram/authentication-failed.ts";
import { conversationId, refuseLogin, toBytes } from "./begin-login.ts";
import { defineCommand } from "./command.ts";
import { toNumber } from "./read-fields.ts";

/** `{saslContinue: 1, conversationId, payload}`: the proof, and then, where the client does not spare itself that, an empty message. */
export const saslContinue = defineCommand({
  names: ["saslContinue"],
  access: "anybody",
  run: ({ body }, context) => {
    const { session, endpoint } = context;
    const { login } = session;
    if (login === undefined || toNumber(body["conversationId"]) !== conversationId) {
      throw new CommandError(serverErrors.protocolError, "no login has begun");
    }
    try {
      if (login.proven !== undefined) {
        if (toBytes(body["payload"]).length > 0) throw new AuthenticationFailed("a message after the last one");
        session.user = login.proven;
        session.login = undefined;
        return { conversationId, done: true, payload: new Binary(new Uint8Array()) };
      }
      const { user, proof } = login.conversation.prove(toBytes(body["payload"]));
      if (login.skipsEmptyExchange) {
        session.user = user;
        session.login = undefined;
      } else login.proven = user;
      endpoint.tenant.log({ kind: "audit", message: `${user.name} logged in`, detail: { remote: session.address } });
      return { conversationId, done: login.skipsEmptyExchange, payload: new Binary(proof) };
    } catch (error) {
      throw refuseLogin(error, login.conversation.userName, context);
    }
  },
});
