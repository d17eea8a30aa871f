import { AspError, isAspError } from "../../diagnostics/asp-error.ts";
import { serverReason } from "./server-reason.ts";

/** What a source began at, and may have lost since. */
export type Beginning = "checkpoint" | "startAfter" | "startAtOperationTime" | "copy";

/** What a change stream that cannot go on means, and the way out. Codes: the error codes of the MongoDB manual. */
export function toSourceError(
  error: unknown,
  source: string,
  culprit: string | undefined,
  beginning: Beginning = "checkpoint",
): AspError {
  if (isAspError(error)) return error;
  const reason = serverReason(error);
  const at = culprit === undefined ? "" : ` (${culprit})`;
  if (isHistoryLost(error)) return historyLost(error, source, beginning);
  if (isStandalone(error)) return noReplicaSet(`behind ${source}`, error);
  if (isTooLarge(error)) {
    return new AspError(
      "ASP5103",
      `An event of ${source}${at} is larger than the 16 MB that a change stream can deliver`,
      {
        help: "leave the large field out with a `$project` in `config.pipeline`, or filter such events out there with `$match`, then start again",
        cause: error,
      },
    );
  }
  if (lacksImage(error)) {
    return new AspError("ASP5104", `An event of ${source}${at} lacks the image that its \`config\` requires`, {
      help: 'enable changeStreamPreAndPostImages before the writes, or ask for "whenAvailable", then start again',
      cause: error,
    });
  }
  return new AspError("ASP5100", `The change stream of ${source} was refused: ${reason}`, { cause: error });
}

/** Documented in docs/errors/ASP5109.md; `which` cluster, as in `behind shop.events`. */
export function noReplicaSet(which: string, cause?: unknown): AspError {
  return new AspError("ASP5109", `The cluster ${which} is no replica set: it has no change streams`, {
    help: "start it with `--replSet` and `rs.initiate()`, or leave out the connection's `uri` in an emulator's environment",
    cause,
  });
}

/** True where a change stream, as it is filtered, has no event to go on from. Code: ChangeStreamFatalError. */
export function isTokenNotFound(error: unknown): boolean {
  return codeOf(error) === 280;
}

/** The code has no name in the manual; a mongod gives it for "The $changeStream stage is only supported on replica sets". */
function isStandalone(error: unknown): boolean {
  return codeOf(error) === 40_573;
}

/** Codes: ChangeStreamHistoryLost, CappedPositionLost (the oplog has overtaken an open stream). */
function isHistoryLost(error: unknown): boolean {
  const code = codeOf(error);
  return (
    code === 286 ||
    code === 136 ||
    /resume point may no longer be in the oplog|cannot resume stream|Resume of change stream was not possible/i.test(
      serverReason(error),
    )
  );
}

function historyLost(cause: unknown, source: string, beginning: Beginning): AspError {
  switch (beginning) {
    case "checkpoint":
      return new AspError(
        "ASP5102",
        `The oplog behind ${source} no longer holds the checkpoint: events since then are lost to it`,
        {
          help: "remove the processor's checkpoint to start from now, and rebuild its read model from the stored events",
          cause,
        },
      );
    case "startAfter":
    case "startAtOperationTime":
      return new AspError("ASP5102", `The oplog behind ${source} does not hold what \`config.${beginning}\` names`, {
        help: "name a position within the oplog, or none to start from now",
        cause,
      });
    case "copy":
      return new AspError(
        "ASP5170",
        `The oplog behind ${source} no longer holds the moment at which the copy began: changes since then are lost to it`,
        {
          help: "make the oplog hold more than the copy takes, and remove the processor's checkpoint to copy again",
          cause,
        },
      );
  }
}

/** True where an event is larger than the server can deliver. */
export function isTooLarge(error: unknown): boolean {
  const code = codeOf(error);
  return code === 10334 || code === 17280 || /BSONObj size|Tried to create string longer/i.test(serverReason(error));
}

/** True where an event has no image that is required. */
export function lacksImage(error: unknown): boolean {
  return codeOf(error) === 47 || /configured to require a (pre|post)-image/i.test(serverReason(error));
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown }).code;
}
