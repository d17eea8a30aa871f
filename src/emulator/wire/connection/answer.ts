import { Double, type Document } from "bson";
import { maskSecrets } from "../../../diagnostics/mask-secrets.ts";
import { printable } from "../../../diagnostics/printable.ts";
import { CommandError, serverErrors } from "../command-error.ts";
import { findCommand } from "../commands/index.ts";
import type { CommandContext, Request, WireCommand } from "../commands/command.ts";
import { toErrorReply } from "../error-reply.ts";
import type { Message } from "../protocol/parse-message.ts";
import { authorize, readActions } from "./authorize.ts";
import { readRequest } from "./read-request.ts";

/** The reply to a command: never rejects. */
export async function answer(message: Message, context: CommandContext): Promise<Document> {
  try {
    const request = readRequest(message);
    const command = findCommand(request.name);
    if (message.form === "query" && command?.names[0] !== "hello") {
      const text = "only the handshake may come in a message of the old form (OP_QUERY)";
      throw new CommandError(serverErrors.unsupportedOpQueryCommand, text);
    }
    if (command === undefined) {
      throw new CommandError(serverErrors.commandNotFound, `no such command: '${request.name.slice(0, 100)}'`);
    }
    authorize(command, request, context);
    const reply = await command.run(request, context);
    audit(command, request, context);
    return { ...reply, ok: new Double(1) };
  } catch (error) {
    return toErrorReply(error) ?? internalError(error, context);
  }
}

function audit({ access, names: [name], isUnlogged }: WireCommand, { body }: Request, context: CommandContext): void {
  const { session, endpoint } = context;
  if (typeof access === "string" || readActions.includes(access.action) || isUnlogged === true) return;
  const processor: unknown = Object.values(body)[0];
  endpoint.tenant.log({
    kind: "audit",
    ...(typeof processor === "string" && { processor }),
    message: name,
    detail: { user: session.user?.name ?? null, remote: session.address },
  });
}

/** A mistake of ours, or of what is below: its words are for the log. */
function internalError(error: unknown, { endpoint, session }: CommandContext): Document {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  endpoint.log(`${session.address}: internal error: ${maskSecrets(printable(text))}`);
  return {
    ok: new Double(0),
    errmsg: "internal error; the emulator's log says more",
    code: 1,
    codeName: "InternalError",
  };
}
