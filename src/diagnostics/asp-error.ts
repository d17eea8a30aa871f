import type { FindingCode } from "./finding.ts";

/**
 * What the world refused: a mongod that does not answer, a disk that is full, a file that cannot be read. Exit code 3.
 *
 * A mistake in the user's pipelines, config or fixtures is a {@link Finding} instead, and never thrown.
 */
export class AspError extends Error {
  override readonly name = "AspError";
  readonly code: FindingCode;
  readonly help: string | undefined;
  readonly retryable: boolean;

  constructor(
    code: FindingCode,
    message: string,
    options: { readonly help?: string; readonly cause?: unknown; readonly retryable?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.help = options.help;
    this.retryable = options.retryable ?? false;
  }
}

/** True for an {@link AspError} of any copy of this package. */
export function isAspError(error: unknown): error is AspError {
  return error instanceof Error && error.name === "AspError" && "code" in error;
}
