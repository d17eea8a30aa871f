import { AspError } from "../../diagnostics/asp-error.ts";
import { serverReason } from "./server-reason.ts";

/** True for what one event of the stream is the reason of. */
export function isAboutEvent(error: unknown): boolean {
  return isTooLarge(error) || lacksImage(error);
}

/** What a change stream that cannot go on means, and the way out. Codes: the error codes of the MongoDB manual. */
export function toSourceError(error: unknown, source: string, culprit: string | undefined): AspError {
  const code = codeOf(error);
  const reason = serverReason(error);
  const at = culprit === undefined ? "" : ` (${culprit})`;
  if (
    code === 286 ||
    /resume point may no longer be in the oplog|cannot resume stream|Resume of change stream was not possible/i.test(
      reason,
    )
  ) {
    return new AspError(
      "ASP5102",
      `The oplog behind ${source} no longer holds the checkpoint: events since then are lost to it`,
      {
        help: "remove the processor's checkpoint to start from now, and rebuild its read model from the stored events",
        cause: error,
      },
    );
  }
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

function isTooLarge(error: unknown): boolean {
  const code = codeOf(error);
  return code === 10334 || code === 17280 || /BSONObj size|Tried to create string longer/i.test(serverReason(error));
}

function lacksImage(error: unknown): boolean {
  return codeOf(error) === 47 || /configured to require a (pre|post)-image/i.test(serverReason(error));
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown }).code;
}
