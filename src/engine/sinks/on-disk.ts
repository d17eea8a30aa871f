import { AspError } from "../../diagnostics/asp-error.ts";

/**
 * Does work on files of captured output.
 *
 * @throws AspError ASP5157 where the system refuses it
 */
export async function onDisk<Result>(
  { name, dir }: { readonly name: string; readonly dir: string },
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new AspError("ASP5157", `\`${name}\` cannot write its output below ${dir}: ${error.message}`, {
      help: "make room there, or make the folder writable",
      cause: error,
    });
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
