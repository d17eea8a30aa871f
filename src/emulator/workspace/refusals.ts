import { AspError } from "../../diagnostics/asp-error.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import type { ModifyEffect } from "../../compiler/explain-modify.ts";

/** How a refusal reads on the wire: code and name of the server's error. Source: asp-control-plane 3.1; asp-language 8.1 for 418, 420. */
const wireCodes = {
  ASP5107: { code: 420, codeName: "StreamProcessorInvalidOptions" },
  ASP5185: { code: 125, codeName: "CommandFailed" },
  ASP5186: { code: 125, codeName: "CommandFailed" },
  ASP5187: { code: 125, codeName: "CommandFailed" },
  ASP5188: { code: 72, codeName: "InvalidOptions" },
  ASP5189: { code: 72, codeName: "InvalidOptions" },
  ASP5190: { code: 418, codeName: "StreamProcessorWorkerOutOfMemory" },
  ASP5191: { code: 125, codeName: "CommandFailed" },
  ASP5192: { code: 9, codeName: "FailedToParse" },
  ASP5216: { code: 91, codeName: "ShutdownInProgress" },
  ASP5353: { code: 2, codeName: "BadValue" },
} as const;

/** Anything else is `InternalError`. */
export function wireCodeOf(code: string): { readonly code: number; readonly codeName: string } {
  return code in wireCodes ? wireCodes[code as keyof typeof wireCodes] : { code: 1, codeName: "InternalError" };
}

export function noSuchProcessor(name: string): AspError {
  return new AspError("ASP5185", `stream processor doesn't exist: \`${name}\``);
}

export function alreadyExists(name: string): AspError {
  return new AspError("ASP5186", `a stream processor named \`${name}\` already exists`);
}

export function wrongState(name: string, state: string, reason: string): AspError {
  return new AspError("ASP5187", `\`${name}\` is ${state}: ${reason}`);
}

export function changeRefused(name: string, { reason, lost }: ModifyEffect): AspError {
  return new AspError("ASP5188", `\`${name}\` cannot keep its checkpoint over this change: ${reason}`, {
    help: `modify with \`resumeFromCheckpoint: false\`, which gives up ${lost.join(" and ")}`,
  });
}

export function optionRefused(message: string, help?: string): AspError {
  return new AspError("ASP5189", message, help === undefined ? {} : { help });
}

export function queryRefused(cause: Error): AspError {
  return new AspError("ASP5353", `the filter is no query: ${cause.message}`, { cause });
}

export function tierRefused(message: string): AspError {
  return new AspError("ASP5191", message);
}

/** A definition that does not pass what `asp validate` checks. */
export function definitionRefused(name: string, findings: readonly Finding[]): AspError {
  const [first] = findings;
  const at = first?.path === undefined ? "" : ` at ${first.path.join(".")}`;
  const more = findings.length > 1 ? `, and ${findings.length - 1} more` : "";
  return new AspError("ASP5192", `\`${name}\` is refused: ${first?.message ?? "it is wrong"}${at}${more}`, {
    ...(first?.help === undefined ? {} : { help: first.help }),
    cause: findings,
  });
}

/** @param owner as a sentence names it: `another process on host x` */
export function runByAnother(db: string, owner: string): AspError {
  return new AspError("ASP5215", `the processors of database \`${db}\` are run by ${owner}`, {
    help: "stop that process, or give this one another database",
  });
}

export function workspaceClosed(name: string): AspError {
  return new AspError("ASP5216", `the workspace \`${name}\` is closed`);
}

export function takenOver(name: string, owner: string): AspError {
  return new AspError("ASP5216", `the workspace \`${name}\` is closed here: it is run by ${owner}`, {
    help: "stop one of the two processes",
  });
}
