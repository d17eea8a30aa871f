import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { didYouMean } from "../../diagnostics/suggest.ts";
import { compareConnection } from "./compare-connection.ts";
import type { DesiredConnection } from "./desired.ts";
import type { RemoteConnection } from "./remote.ts";
import type { Step } from "./step.ts";

/** Documented in docs/errors/ASP6020.md. */
export const missingConnection = defineFinding<{ name: string; users: readonly string[]; known: readonly string[] }>(
  "ASP6020",
  {
    severity: "error",
    message: ({ name }) => `the workspace has no connection \`${name}\``,
    notes: ({ users, known }) => [
      `used by: ${users.join(", ")}`,
      known.length === 0 ? "the workspace has no connections" : `connections: ${known.join(", ")}`,
    ],
    help: ({ name, known }) =>
      didYouMean(name, known) ?? "make it in the workspace, or set `manage: true` for it in the config",
  },
);

/** Documented in docs/errors/ASP6021.md. */
export const connectionMustBeRemade = defineFinding<{ name: string; field: string }>("ASP6021", {
  severity: "error",
  message: ({ name, field }) => `\`${field}\` of the connection \`${name}\` cannot be changed once it is made`,
  help: "make a connection of another name, or delete this one and plan again",
});

/** Documented in docs/errors/ASP6024.md. */
export const connectionsNotManaged = defineFinding<{ name: string; target: string }>("ASP6024", {
  severity: "error",
  message: ({ name, target }) =>
    `the connection \`${name}\` has \`manage: true\`, and ${target} cannot change connections`,
  help: "use `target: admin-api`, or make the connection by hand",
});

/** Documented in docs/errors/ASP6028.md. */
export const connectionNotReady = defineFinding<{ name: string; state: string }>("ASP6028", {
  severity: "warning",
  message: ({ name, state }) => `the connection \`${name}\` is ${state}: processors that use it cannot start`,
  help: "wait until it is READY, or look at it in the service",
});

export interface ConnectionsInput {
  readonly desired: readonly DesiredConnection[];
  readonly remote: readonly RemoteConnection[];
  /** Connection, as the workspace calls it → the wanted processors that need it. */
  readonly users: ReadonlyMap<string, readonly string[]>;
  /** Connection → the project's processors that run and use it now. */
  readonly running: ReadonlyMap<string, readonly string[]>;
  /** Of the target, for people; undefined where it can change connections. */
  readonly unmanageable: string | undefined;
}

/** Those that the project manages and somebody uses are made or changed; of the others, the processors' must be there. */
export function planConnections({ desired, remote, users, running, unmanageable }: ConnectionsInput): {
  readonly steps: readonly Step[];
  readonly findings: readonly Finding[];
} {
  const steps: Step[] = [];
  const findings: Finding[] = [];
  for (const [name, used] of users) {
    const wanted = desired.find((each) => each.name === name);
    const found = remote.find((each) => each.name === name);
    const isManaged = wanted?.isManaged === true;
    if (found?.state !== undefined && found.state !== "READY") {
      findings.push(connectionNotReady({}, { name, state: found.state }));
    }
    if (found === undefined && !isManaged) {
      findings.push(missingConnection({}, { name, users: used, known: remote.map((each) => each.name) }));
    }
    if (wanted === undefined || !isManaged) continue;
    if (found === undefined) {
      if (unmanageable === undefined)
        steps.push({ kind: "create-connection", connection: name, settings: wanted.settings });
      else findings.push(connectionsNotManaged({}, { name, target: unmanageable }));
      continue;
    }
    const fields = compareConnection(wanted, found);
    const fixed = found.type === wanted.type ? fields.find(({ field }) => isFixed(field))?.field : "type";
    if (fixed !== undefined) findings.push(connectionMustBeRemade({}, { name, field: fixed }));
    else if (fields.length > 0) {
      steps.push({
        kind: "edit-connection",
        connection: name,
        settings: wanted.settings,
        fields,
        stops: running.get(name) ?? [],
      });
    }
  }
  return { steps, findings };
}

/** Source: asp-control-plane 1.3. */
function isFixed(field: string): boolean {
  return /^(networking|publicPrivateNetworking)(\.|$)/u.test(field);
}
