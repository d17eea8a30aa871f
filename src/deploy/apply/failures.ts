import { AspError, isAspError } from "../../diagnostics/asp-error.ts";
import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { maskSecrets } from "../../diagnostics/mask-secrets.ts";
import { explainServiceText } from "./explain-service-text.ts";
import type { StepFailure } from "./step-result.ts";

/** Documented in docs/errors/ASP6046.md. */
export const doesNotRun = defineFinding<{ name: string; state: string; reason: string | undefined }>("ASP6046", {
  severity: "error",
  message: ({ name, state, reason }) =>
    `\`${name}\` was started and is ${state}${reason === undefined ? "" : `: ${maskSecrets(reason)}`}`,
  notes: ({ reason = "" }) => explainServiceText(reason),
  help: "correct what the service says, then deploy again",
});

/** Documented in docs/errors/ASP6047.md. */
export const connectionStays = defineFinding<{ name: string; state: string; wanted: string; seconds: number }>(
  "ASP6047",
  {
    severity: "error",
    message: ({ name, state, wanted, seconds }) =>
      `the connection \`${name}\` is ${state} and not ${wanted}${seconds === 0 ? "" : ` after ${seconds} s`}`,
    help: "look at it in the service: an address, a role or a network may be what it lacks",
  },
);

/** Documented in docs/errors/ASP6048.md. */
export const stepRefused = defineFinding<{ name: string; action: string; said: string }>("ASP6048", {
  severity: "error",
  message: ({ name, action, said }) => `the service does not ${action} \`${name}\`: ${maskSecrets(said)}`,
  notes: ({ said }) => explainServiceText(said),
  help: "correct what the service says, then deploy again",
});

/** Documented in docs/errors/ASP6050.md. */
export const notPutBack = defineFinding<{ name: string; state: string; said: string; failed: string }>("ASP6050", {
  severity: "error",
  message: ({ name, state, said }) =>
    `\`${name}\` could not be put back to what it was, and is ${state}: ${maskSecrets(said)}`,
  notes: ({ failed }) => [`the change failed first: ${failed}`],
  help: "run the command again: it begins by reading what is there",
});

/** Documented in docs/errors/ASP6051.md. */
export const staysIn = defineFinding<{ name: string; state: string; wanted: string; seconds: number }>("ASP6051", {
  severity: "error",
  message: ({ name, state, wanted, seconds }) => `\`${name}\` is still ${state} and not ${wanted} after ${seconds} s`,
  help: "look at it with `asp plan`, then deploy again",
});

/** Documented in docs/errors/ASP6052.md. */
export const leftInTheMiddle = defineFinding<{ name: string }>("ASP6052", {
  severity: "error",
  message: ({ name }) => `the deployment was ended while \`${name}\` was being changed`,
  help: "run the command again: it begins by reading what is there",
});

export interface StepFailedOptions {
  /** Default `world`. */
  readonly fault?: StepFailure["fault"];
  readonly isRolledBack?: boolean;
}

/** A finding on its way out of a step. */
export class StepFailed extends Error {
  override readonly name = "StepFailed";
  readonly failure: StepFailure;
  /** Everything is as it was before the step. */
  readonly isRolledBack: boolean;

  constructor(finding: Finding, { fault = "world", isRolledBack = false }: StepFailedOptions = {}) {
    super(finding.message);
    this.failure = { finding, fault };
    this.isRolledBack = isRolledBack;
  }
}

/** A failure with more facts than it had. */
export function withNotes(finding: Finding, notes: readonly string[]): Finding {
  return { ...finding, notes: [...(finding.notes ?? []), ...notes] };
}

/** What somebody else did while this deployment was under way: it does nothing more. */
export function movedMeanwhile(what: string, how: string): AspError {
  return new AspError("ASP6042", `somebody else changed ${what} meanwhile: ${how}`, {
    help: "run `asp plan` to see what is there now, then deploy again",
  });
}

export function isMoved(error: unknown): boolean {
  return isAspError(error) && (error.code === "ASP6042" || error.code === "ASP6045");
}

/** The service has refused for a reason: nothing was changed. */
export function isRefusal(error: unknown): error is AspError {
  return isAspError(error) && error.code === "ASP6006";
}

/** Of anything that the world says. Undefined for a bug of ours. */
export function toFailure(error: unknown, processor: string | undefined): StepFailure | undefined {
  if (error instanceof StepFailed) return error.failure;
  if (!isAspError(error)) return undefined;
  const { code, message, help } = error;
  const finding: Finding = {
    code,
    severity: "error",
    message: maskSecrets(message),
    ...(processor !== undefined && { processor }),
    ...(help !== undefined && { help }),
  };
  return { finding, fault: "world" };
}
