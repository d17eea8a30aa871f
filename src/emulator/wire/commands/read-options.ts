import type { Document } from "bson";
import { isDocument } from "../../../compiler/kinds.ts";
import { didYouMean } from "../../../diagnostics/suggest.ts";
import { CommandError, serverErrors } from "../command-error.ts";
import type { CommandContext, Request } from "./command.ts";

/** What may stand in every command, and says nothing about processors. */
const ofEveryCommand = [
  "lsid",
  "txnNumber",
  "apiVersion",
  "apiStrict",
  "apiDeprecationErrors",
  "comment",
  "maxTimeMS",
  "readConcern",
  "writeConcern",
];

export interface OptionNames {
  /** Fields of the command that are no options. */
  readonly own?: readonly string[];
  readonly options: readonly string[];
  /** Options for which `null` says something; of others it is as if they were absent. */
  readonly nullable?: readonly string[];
}

/**
 * The options of a command, which clients put beside its name (mongosh) or into `options` (mongosh for some commands, the documentation for
 * others). Source: asp-control-plane 3.2, real-clients 2.3.
 *
 * @throws CommandError 72 for an option that there is not, or that is given in both places; 14 where `options` is no document
 */
export function readOptions(request: Request, { endpoint }: CommandContext, names: OptionNames): Document {
  const { name, body } = request;
  const { own = [], options: known, nullable = [] } = names;
  const inside: unknown = body["options"];
  if (inside !== undefined && inside !== null && !isDocument(inside)) {
    throw new CommandError(serverErrors.typeMismatch, `\`${name}.options\` must be a document`);
  }
  const beside = Object.entries(body).filter(
    ([field]) => ![name, "options", ...own, ...ofEveryCommand].includes(field) && !field.startsWith("$"),
  );
  const options = new Map<string, unknown>();
  const nested = inside instanceof Map ? (Object.fromEntries(inside) as Document) : (inside ?? {});
  for (const [field, value] of [...beside, ...Object.entries(nested)]) {
    if (!known.includes(field)) {
      if (endpoint.unknownOptions === "ignore") continue;
      const near = didYouMean(field, known);
      const help = near === undefined ? "" : `; ${near}`;
      throw new CommandError(serverErrors.invalidOptions, `\`${name}\` has no option \`${field}\`${help}`);
    }
    if (value === null && !nullable.includes(field)) continue;
    if (options.has(field)) {
      throw new CommandError(serverErrors.invalidOptions, `\`${name}\`: \`${field}\` is given twice`);
    }
    options.set(field, value);
  }
  return Object.fromEntries(options);
}
