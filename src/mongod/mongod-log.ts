import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";

/** What a mongod says, of which only the end and the complaints are kept. */
export interface MongodLog {
  /** Resolves with why, once the process has ended or could not be spawned. */
  readonly ended: Promise<string>;
  /** The most telling complaint so far. */
  readonly reason: () => string | undefined;
  readonly portTaken: () => boolean;
}

/** Reads both outputs of the process as long as it lives; neither keeps this process alive. */
export function collectLog(child: ChildProcess): MongodLog {
  let complaint: string | undefined;
  let portTaken = false;
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on("line", (line) => {
      if (line.includes("Address already in use") || line.includes('"SocketException: 98')) portTaken = true;
      if (complaint !== diskFull) complaint = diskFullIn(line) ?? complaintIn(line) ?? complaint;
    });
    if ("unref" in stream && typeof stream.unref === "function") stream.unref();
  }
  child.unref();
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => {
      const how = signal === null ? `it exited with ${code}` : `it was ended by ${signal}`;
      resolve(complaint === undefined ? how : `${how}: ${complaint}`);
    });
  });
  return { ended, reason: () => complaint, portTaken: () => portTaken };
}

const diskFull = "the disk is full";

function diskFullIn(line: string): string | undefined {
  return /No space left on device|ENOSPC|Disk quota exceeded/iu.test(line) ? diskFull : undefined;
}

/** The text of a line of severity fatal or error; a line that is no JSON (a missing library) is one itself. */
function complaintIn(line: string): string | undefined {
  if (!line.startsWith("{")) return line.trim() === "" ? undefined : line.trim();
  if (!/"s":"[FE]"/u.test(line)) return undefined;
  try {
    const { msg, attr } = JSON.parse(line) as { msg?: string; attr?: { error?: unknown; message?: unknown } };
    const detail = attr?.error ?? attr?.message;
    return detail === undefined ? msg : `${msg}: ${typeof detail === "string" ? detail : JSON.stringify(detail)}`;
  } catch {
    return line;
  }
}
