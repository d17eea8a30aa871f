/**
 * What a processor of a workspace is doing. Source: asp-language 8.1, asp-control-plane 1.5.
 *
 * `STARTING`, `STOPPING` and `DROPPING` pass by themselves, and are not kept. `STARTED` stays while a processor is started again after a
 * failure that its user can put right, and where a source has ended: only its user stops it.
 */
export type WorkspaceState = "CREATED" | "STARTING" | "STARTED" | "STOPPING" | "STOPPED" | "DROPPING" | "FAILED";

export type Command = "start" | "stop" | "modify" | "drop" | "sample";

/** States in which a command is taken; it then leads to these states, in order. */
interface Rule {
  readonly from: readonly WorkspaceState[];
  /** Why it is refused in others. */
  readonly otherwise: string;
}

const atRest = ["CREATED", "STOPPED", "FAILED"] as const;

/** Source: asp-control-plane 1.4 (rules from docs and clients), 6.1.7. */
const rules: Readonly<Record<Command, Rule>> = {
  start: { from: atRest, otherwise: "it is running already" },
  stop: { from: ["STARTED"], otherwise: "it is not running" },
  modify: { from: atRest, otherwise: "the processor must be stopped before it is modified" },
  // One that was refused on the way is given again.
  drop: { from: [...atRest, "STARTED", "DROPPING"], otherwise: "it is on its way to another state" },
  sample: { from: ["STARTED"], otherwise: "only a running processor can be sampled" },
};

/** @returns why a command is refused, or undefined */
export function whyRefused(command: Command, state: WorkspaceState): string | undefined {
  const { from, otherwise } = rules[command];
  return from.includes(state) ? undefined : otherwise;
}

/** The vocabulary of `stats.status`. Source: asp-language 8.1; for STOPPED nothing is documented. */
export function statusOf(state: WorkspaceState): string {
  switch (state) {
    case "CREATED":
      return "created";
    case "STARTING":
      return "starting";
    case "STARTED":
      return "running";
    case "STOPPING":
    case "DROPPING":
      return "stopping";
    case "STOPPED":
      return "stopped";
    case "FAILED":
      return "error";
  }
}
