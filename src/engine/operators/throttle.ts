import type { Document } from "bson";
import { createTokenBucket } from "../core/token-bucket.ts";
import type { Operator, OperatorContext, OperatorInput } from "./operator.ts";

/**
 * `$throttle`: documents wait until both limits let them pass. Source: asp-language section 1.12.
 *
 * It waits in engine time. A clock that stands still while nothing happens, as in a replay, makes it wait for nothing.
 */
export function createThrottle(args: Document, { now, pause }: OperatorContext): Operator {
  const { bytesPerSec, messagesPerSec } = args;
  const limits = [
    ...(messagesPerSec === undefined ? [] : [{ bucket: createTokenBucket(Number(messagesPerSec)), costOf: one }]),
    ...(bytesPerSec === undefined ? [] : [{ bucket: createTokenBucket(Number(bytesPerSec)), costOf: size }]),
  ];
  let throttled = { throttledMs: 0, events: 0 };
  const pass = async (input: OperatorInput): Promise<void> => {
    const waitMs = (): number =>
      limits.reduce((longest, { bucket, costOf }) => Math.max(longest, bucket.waitMs(costOf(input), now())), 0);
    const sinceMs = now();
    let waits = false;
    for (let ms = waitMs(); ms > 0; ms = waitMs()) {
      if (!(await pause(ms))) break;
      waits = true;
    }
    if (waits) {
      throttled = { throttledMs: throttled.throttledMs + Math.max(0, now() - sinceMs), events: throttled.events + 1 };
    }
    for (const { bucket, costOf } of limits) bucket.take(costOf(input), now());
  };
  return {
    expressions: undefined,
    check: async () => undefined,
    run: async (inputs) => {
      for (const input of inputs) await pass(input);
      return inputs.map(({ document }) => ({ kind: "passed", document }));
    },
    takeThrottled: () => {
      const taken = throttled;
      throttled = { throttledMs: 0, events: 0 };
      return taken;
    },
    close: async () => undefined,
  };
}

const one = (): number => 1;
const size = ({ document }: OperatorInput): number => document.length;
