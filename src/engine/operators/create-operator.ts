import type { Document } from "bson";
import type { OperatorName } from "../core/plan-steps.ts";
import { createCachedLookup } from "./cached-lookup.ts";
import type { Operator, OperatorContext } from "./operator.ts";
import { createThrottle } from "./throttle.ts";

/** Prepares an operator of a plan. */
export function createOperator(name: OperatorName, args: Document, context: OperatorContext): Operator {
  switch (name) {
    case "$cachedLookup":
      return createCachedLookup(args, context);
    case "$throttle":
      return createThrottle(args, context);
    case "$https":
    case "$externalFunction":
      throw new Error(`${name} is not run yet: the compiler says so`);
  }
}
