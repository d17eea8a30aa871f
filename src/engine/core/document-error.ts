import { isAspError } from "../../diagnostics/asp-error.ts";

/**
 * Codes of errors that are the server's and not the document's: it is shutting down, lost an election, ran out of time,
 * has no room left, refused the login. Source: the error codes of the MongoDB manual.
 */
const ofTheWorld: ReadonlySet<number> = new Set([
  6, 7, 13, 18, 24, 43, 46, 50, 63, 64, 89, 91, 100, 112, 133, 189, 202, 237, 262, 290, 314, 317, 358, 365, 384, 8000,
  9001, 10107, 11600, 11601, 11602, 13388, 13435, 13436, 14031, 50738,
]);

/** True for the code of an error that is the server's and not the document's. */
export function isWorldCode(code: unknown): boolean {
  return typeof code === "number" && ofTheWorld.has(code);
}

/** Codes after which the same command may succeed elsewhere or later. */
const passing: ReadonlySet<number> = new Set([
  6, 7, 24, 46, 50, 89, 91, 112, 133, 189, 202, 262, 290, 314, 358, 384, 9001, 10107, 11600, 11602, 13435, 13436,
]);

/** A cursor that a restarted server no longer knows; a change stream is opened again from its last position. */
const cursorNotFound = 43;

/** JavaScript over documents that ran out of its time. Which document it is shows once each is alone. */
export class JavaScriptTimeout extends Error {
  override readonly name = "JavaScriptTimeout";
}

/** True if the server refused what is in the command (a document, an expression over it), so that it goes to the dead letters. */
export function isDocumentError(error: unknown): boolean {
  if (isTooLargeToSend(error) || error instanceof JavaScriptTimeout) return true;
  // It has written, and cannot say that the write is safe.
  if (isWriteConcernError(error)) return false;
  const code = codeOf(error);
  return code !== undefined && !isWorldCode(code) && !hasLabel(error, "RetryableWriteError");
}

/** True for an error that goes away by itself: a network cut, an election, a server that restarts. */
export function isPassingError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (isAspError(error)) return error.retryable;
  if (/^Mongo(Network|ServerSelection|PoolCleared|WaitQueueTimeout)/.test(error.name)) return true;
  if (error.name === "MongoNotConnectedError" || error.name === "MongoTopologyClosedError") return false;
  const code = codeOf(error);
  if (hasLabel(error, "RetryableWriteError") || hasLabel(error, "ResumableChangeStreamError")) return true;
  return code === cursorNotFound || (code !== undefined && passing.has(code));
}

/** A command that passes 16 MB is refused by the driver's serialiser or by the server's parser. */
function isTooLargeToSend(error: unknown): boolean {
  return (
    error instanceof RangeError ||
    (error instanceof Error && /BSONObj size|document is larger|offset is out of range/i.test(error.message))
  );
}

/** What JavaScript ends with that somebody stopped. */
export function isInterrupted(error: unknown): boolean {
  return codeOf(error) === interrupted;
}

const interrupted = 11601;

function codeOf(error: unknown): number | undefined {
  const isOfServer = error instanceof Error && (error.name === "MongoServerError" || isWriteConcernError(error));
  const code: unknown = isOfServer ? (error as { code?: unknown }).code : undefined;
  return typeof code === "number" ? code : undefined;
}

function isWriteConcernError(error: unknown): boolean {
  return error instanceof Error && error.name === "MongoWriteConcernError";
}

function hasLabel(error: unknown, label: string): boolean {
  const check = (error as { hasErrorLabel?: (label: string) => boolean } | undefined)?.hasErrorLabel;
  return typeof check === "function" && check.call(error, label);
}
