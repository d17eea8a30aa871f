import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** What is kept of all that a mongod says. */
export interface MongodLog {
  /** The latest error it wrote; a full disk comes before everything else. */
  readonly complaint: () => string | undefined;
  readonly portTaken: () => boolean;
}

/** Reads the outputs of a mongod as long as it lives. */
export function readLog(outputs: readonly Readable[]): MongodLog {
  let complaint: string | undefined;
  let portTaken = false;
  for (const input of outputs) {
    createInterface({ input }).on("line", (line) => {
      portTaken ||= line.includes("Address already in use");
      if (complaint !== diskFull) complaint = diskFullIn(line) ?? complaintIn(line) ?? complaint;
    });
  }
  return { complaint: () => complaint, portTaken: () => portTaken };
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
