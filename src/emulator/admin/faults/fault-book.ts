import { decideFaults, type ArmedFault, type FaultPlan, type FaultyRequest } from "./decide-faults.ts";
import type { Fault } from "./fault.ts";

/** The faults that wait for requests. */
export interface FaultBook {
  list(): readonly ArmedFault[];
  add(faults: readonly Fault[]): void;
  clear(): void;
  /** What becomes of this request; it counts. */
  meet(request: FaultyRequest): FaultPlan;
}

export function createFaultBook(first: readonly Fault[]): FaultBook {
  const arm = (faults: readonly Fault[]): ArmedFault[] => faults.map((fault) => ({ fault, seen: 0 }));
  let armed: readonly ArmedFault[] = arm(first);
  return {
    list: () => armed,
    add: (faults) => {
      armed = [...armed, ...arm(faults)];
    },
    clear: () => {
      armed = [];
    },
    meet: (request) => {
      const { plan, next } = decideFaults(armed, request);
      armed = next;
      return plan;
    },
  };
}
