import { Double, type Document } from "bson";
import { isAspError } from "../../diagnostics/asp-error.ts";
import { withHelp } from "../text-of-refusal.ts";
import { wireCodeOf } from "../workspace/refusals.ts";
import { CommandError } from "./command-error.ts";

/** What a client is told of a failure; undefined for one that is not the client's to know. */
export function toErrorReply(error: unknown): Document | undefined {
  if (error instanceof CommandError) {
    return { ok: new Double(0), errmsg: error.message, code: error.code, codeName: error.codeName };
  }
  if (!isAspError(error)) return undefined;
  const { code, codeName } = wireCodeOf(error.code);
  const errmsg = `${withHelp(error.message, error.help)} [${error.code}]`;
  return { ok: new Double(0), errmsg, code, codeName };
}
