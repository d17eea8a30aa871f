import { CommandError, serverErrors } from "../command-error.ts";
import type { Action, CommandContext, Request, WireCommand } from "../commands/command.ts";

/** What a user who only reads may do. Source: asp-control-plane 3.1, `readAnyDatabase`. */
export const readActions: readonly Action[] = [
  "getStreamProcessor",
  "listStreamProcessors",
  "listStreamConnections",
  "streamProcessorStats",
];

/** @throws CommandError 13 */
export function authorize({ access }: WireCommand, { name, db }: Request, { session, endpoint }: CommandContext): void {
  const refuse = (message: string): CommandError => new CommandError(serverErrors.unauthorized, message);
  if (access === "anybody") return;
  const { user } = session;
  if (user === undefined && !endpoint.users.isOpen) throw refuse(`Command ${name} requires authentication`);
  if (access === "user") return;
  if (db !== "admin") throw refuse(`${name} may only be run against the admin database`);
  const { action } = access;
  if (user?.role === "read" && !readActions.includes(action)) {
    throw refuse(`not authorized on admin to execute command ${name}: missing privilege for action ${action}`);
  }
}
