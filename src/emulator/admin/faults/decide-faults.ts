import type { Fault } from "./fault.ts";

/** A fault, and how many requests have fitted it so far. */
export interface ArmedFault {
  readonly fault: Fault;
  readonly seen: number;
}

export interface FaultyRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly operation: string | undefined;
}

/** What becomes of one request. */
export interface FaultPlan {
  readonly lagMs: number;
  readonly drop?: "before" | "after";
  /** Answers in place of the operation. */
  readonly refusal?: Pick<Fault, "errorCode" | "detail" | "body" | "retryAfterSeconds"> & { readonly status: number };
  /** The operation runs, whatever is answered. */
  readonly isApplied: boolean;
  readonly rewrite: Pick<Fault, "state" | "numbers" | "keys" | "extraField">;
}

export const noFault: FaultPlan = { lagMs: 0, isApplied: true, rewrite: {} };

/** Which faults a request meets, and what is left of all. Where two say different things, the one that was given first counts. */
export function decideFaults(
  faults: readonly ArmedFault[],
  request: FaultyRequest,
): { readonly plan: FaultPlan; readonly next: readonly ArmedFault[] } {
  const met: Fault[] = [];
  const next = faults.flatMap((armed) => {
    if (!fits(armed.fault, request)) return [armed];
    const { skip = 0, times = 1, always = false } = armed.fault;
    if (armed.seen >= skip) met.push(armed.fault);
    const seen = armed.seen + 1;
    return always || seen < skip + times ? [{ ...armed, seen }] : [];
  });
  return { plan: met.length === 0 ? noFault : toPlan(met), next };
}

function fits(fault: Fault, { method, path, operation }: FaultyRequest): boolean {
  if (fault.method !== undefined && fault.method.toUpperCase() !== method) return false;
  if (fault.operation !== undefined && fault.operation !== operation) return false;
  // A fault that names no path is for operations: not for how a client gets its token.
  return fault.path === undefined ? operation !== undefined : toPattern(fault.path).test(path);
}

function toPattern(path: string): RegExp {
  const parts = path
    .split(/(\*\*?)/)
    .map((part) => (part === "**" ? ".*" : part === "*" ? "[^/]*" : part.replaceAll(/[$()+.?[\\\]^{|}]/g, "\\$&")));
  return new RegExp(`^${parts.join("")}$`, "s");
}

function toPlan(met: readonly Fault[]): FaultPlan {
  const first = <Key extends keyof Fault>(key: Key): Fault[Key] | undefined =>
    met.find((fault) => fault[key] !== undefined)?.[key];
  const refusing = met.find(({ status }) => status !== undefined);
  const drop = first("drop");
  const [state, numbers, keys, extraField] = [first("state"), first("numbers"), first("keys"), first("extraField")];
  return {
    lagMs: first("lagMs") ?? 0,
    ...(drop && { drop }),
    ...(refusing && { refusal: { ...refusing, status: refusing.status ?? 500 } }),
    isApplied: drop !== "before" && (refusing === undefined || refusing.applied === true),
    rewrite: {
      ...(state !== undefined && { state }),
      ...(numbers && { numbers }),
      ...(keys && { keys }),
      ...(extraField !== undefined && { extraField }),
    },
  };
}
