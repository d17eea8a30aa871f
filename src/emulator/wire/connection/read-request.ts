import type { Document } from "bson";
import { decodeExact } from "../../../engine/core/exact-bson.ts";
import { plainNumbers } from "../../workspace/plain-numbers.ts";
import { CommandError, serverErrors } from "../command-error.ts";
import type { Request } from "../commands/command.ts";
import type { Message } from "../protocol/parse-message.ts";

/** @throws CommandError for a command that cannot be read, or says no database */
export function readRequest(message: Message): Request {
  const entries = entriesOf(message.command);
  const body: Record<string, unknown> = Object.fromEntries(entries);
  const [name = ""] = entries[0] ?? [];
  for (const { name: field, documents } of message.sequences) {
    if (Object.hasOwn(body, field)) {
      throw new CommandError(serverErrors.failedToParse, "an array is given in the command and beside it");
    }
    const values = documents.map((bytes) => plainNumbers(decode(bytes)));
    Object.defineProperty(body, field, { value: values, enumerable: true, configurable: true, writable: true });
  }
  const db = message.db ?? body["$db"];
  if (typeof db !== "string") throw new CommandError(serverErrors.noDatabase, "a command must say `$db`");
  return { name, db, body };
}

/** In the order in which they were sent. */
function entriesOf(bytes: Uint8Array): readonly (readonly [string, unknown])[] {
  const command = plainNumbers(decode(bytes));
  return command instanceof Map ? [...command] : Object.entries(command as Document);
}

/** What is whole may still say what no type takes, such as an option that patterns do not have. */
function decode(bytes: Uint8Array): Document {
  try {
    return decodeExact(bytes);
  } catch {
    throw new CommandError(serverErrors.invalidBson, "a document cannot be read");
  }
}
