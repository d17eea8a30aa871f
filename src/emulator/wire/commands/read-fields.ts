import type { Document, Double, Long } from "bson";
import { isDocument } from "../../../compiler/kinds.ts";
import { CommandError, serverErrors } from "../command-error.ts";
import type { Request } from "./command.ts";

function wrongType({ name }: Request, field: string, expected: string): CommandError {
  return new CommandError(serverErrors.typeMismatch, `\`${name}.${field}\` must be ${expected}`);
}

/** The name of a processor: the value of the command's own field. */
export function readProcessorName(request: Request): string {
  const value: unknown = request.body[request.name];
  if (typeof value !== "string") throw wrongType(request, request.name, "the name of a processor");
  if (value === "") throw new CommandError(serverErrors.badValue, `\`${request.name}\` needs the name of a processor`);
  return value;
}

export function readPipeline(request: Request, field: string): readonly Document[] {
  const value: unknown = request.body[field];
  if (!Array.isArray(value) || !value.every(isStage)) throw wrongType(request, field, "an array of stages");
  return value;
}

/** A document with keys that an object would reorder is a Map. */
const isStage = (value: unknown): value is Document => isDocument(value) || value instanceof Map;

/** Undefined for one that selects everything: absent, `null` or empty. */
export function readFilter(request: Request): Document | undefined {
  const value: unknown = request.body["filter"];
  if (value === undefined || value === null) return undefined;
  if (value instanceof Map) return value;
  if (!isDocument(value)) throw wrongType(request, "filter", "a document");
  return Object.keys(value).length === 0 ? undefined : value;
}

/** @returns undefined where it is absent */
export function readCount(request: Request, options: Document, field: string): number | undefined {
  const value: unknown = options[field];
  if (value === undefined) return undefined;
  const count = toNumber(value);
  if (count === undefined) throw wrongType(request, field, "a number");
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new CommandError(serverErrors.badValue, `\`${field}\` must be a whole number of at least 1`);
  }
  return count;
}

/** Numbers count, as they do for a server. */
export function readFlag(request: Request, options: Document, field: string): boolean | undefined {
  const value: unknown = options[field];
  if (value === undefined || typeof value === "boolean") return value;
  const number = toNumber(value);
  if (number === undefined) throw wrongType(request, field, "true or false");
  return number !== 0;
}

export function toNumber(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "object" || value === null || !("_bsontype" in value)) return undefined;
  if (value._bsontype === "Double") return (value as Double).value;
  return value._bsontype === "Long" ? (value as Long).toNumber() : undefined;
}
