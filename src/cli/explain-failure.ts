import { isAspError } from "../diagnostics/asp-error.ts";
import { defineFinding } from "../diagnostics/define-finding.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { maskSecrets } from "../diagnostics/mask-secrets.ts";
import { uncaughtInModule } from "../loader/run-findings.ts";
import type { CliContext } from "./context.ts";
import { Exit } from "./exit.ts";
import type { ExitCode } from "./exit.ts";

/** Something was thrown: what the user reads, and the exit code. */
export interface Failure {
  readonly finding: Finding;
  readonly exit: ExitCode;
  /** The stack, for `-v`. */
  readonly stack?: string;
}

/** Documented in docs/errors/ASP4155.md. */
export const fileRefused = defineFinding<{ code?: string; reason: string; path: string | undefined }>("ASP4155", {
  severity: "error",
  message: ({ reason, path }) => (path === undefined ? `the file system refused: ${reason}` : `\`${path}\`: ${reason}`),
  help: ({ code = "" }) => remedies[code] ?? "check the path, then run the command again",
});

/** Documented in docs/errors/ASP4156.md. */
export const clusterRefused = defineFinding<{ reason: string }>("ASP4156", {
  severity: "error",
  message: ({ reason }) => `the cluster refused: ${reason}`,
  help: "run `asp doctor` to see which connection cannot be used",
});

/** Documented in docs/errors/ASP9000.md. */
export const ourBug = defineFinding<{ message: string; version: string; node: string; platform: string }>("ASP9000", {
  severity: "error",
  message: ({ message }) => `this is a bug in asp: ${message}`,
  notes: ({ version, node, platform }) => [`asp ${version}, Node ${node}, ${platform}`],
  help: "run it again with -v and report what it prints",
});

/** What a pipeline module started and left failed while the command went on: the error that ended it was thrown in a module. */
export function explainLateFailure(
  error: unknown,
  { cwd, signal }: Pick<CliContext, "cwd" | "signal">,
): Failure | undefined {
  if (!signal.aborted || error !== signal.reason || !(error instanceof Error) || error.stack === undefined)
    return undefined;
  const { stack } = error;
  const from = stack.indexOf(`${cwd}/pipelines/`);
  if (from === -1) return undefined;
  const [file = ""] = stack.slice(from + cwd.length + 1).split(":");
  // Types were taken out of what ran, and lines with them.
  const place = { file, line: 1, column: 1 };
  return { finding: uncaughtInModule({ place }, { thrown: error.message }), exit: Exit.invalid, stack };
}

/** Decides whose fault a thrown value is: the world's (3), or ours (70). */
export function explainFailure(error: unknown, ctx: Pick<CliContext, "version" | "runtime">): Failure {
  const stack = error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {};
  if (isAspError(error)) {
    const { code, help, cause } = error;
    // A message of several lines is a heading and its list.
    const [message = "", ...lines] = error.message.split("\n");
    const causes = describeCause(cause, error.message);
    const notes = [...lines.map((line) => line.replace(/^\s*-?\s*/u, "")), ...causes];
    const finding: Finding = {
      code,
      severity: "error",
      message,
      ...(notes.length === 0 ? {} : { notes }),
      ...(help === undefined ? {} : { help }),
    };
    return { finding, exit: Exit.refused, ...stack };
  }
  if (isFileError(error)) {
    return {
      finding: fileRefused({}, { code: error.code, reason: reasons[error.code] ?? error.message, path: error.path }),
      exit: 3,
      ...stack,
    };
  }
  if (error instanceof Error && error.name.startsWith("Mongo")) {
    return { finding: clusterRefused({}, { reason: error.message }), exit: Exit.refused, ...stack };
  }
  const message = error instanceof Error ? error.message : String(error);
  const finding = ourBug({}, { message, version: ctx.version, ...ctx.runtime });
  return { finding, exit: Exit.bug, ...stack };
}

/** The cause in its own words, unless they may quote a connection string as the driver's parser does. */
function describeCause(cause: unknown, message: string): readonly string[] {
  if (!(cause instanceof Error) || cause.name === "MongoParseError" || cause instanceof TypeError) return [];
  return message.includes(cause.message) ? [] : [maskSecrets(cause.message)];
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EROFS: "the file system is read-only",
  ENOSPC: "no space left on the device",
  EDQUOT: "the disk quota is used up",
  ENOTDIR: "a part of the path is not a folder",
  EISDIR: "it is a folder",
  ENOENT: "it does not exist",
  EEXIST: "it exists already",
  EMFILE: "too many open files",
  ENFILE: "too many open files",
};

/** What to do about a reason, where it is not the path. */
const remedies: Readonly<Record<string, string>> = {
  EACCES: "take a path that you may read and write, or have its permissions changed",
  EPERM: "take a path that you may read and write, or have its permissions changed",
  EROFS: "take a path on another file system",
  ENOSPC: "make room on the disk, then run the command again",
  EDQUOT: "make room within the quota, then run the command again",
  EMFILE: "let the process have more open files (`ulimit -n`), then run the command again",
  ENFILE: "close other programs, then run the command again",
};

interface FileError extends Error {
  readonly code: string;
  readonly path?: string;
}

/** Node's errors of system calls on files; a failed `spawn` or `connect` is told by who made the call. */
function isFileError(error: unknown): error is FileError {
  return error instanceof Error && "code" in error && typeof error.code === "string" && error.code in reasons;
}
