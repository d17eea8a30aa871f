import type { Document } from "bson";
import type { OperatorName } from "../core/plan-steps.ts";
import { createCachedLookup } from "./cached-lookup.ts";
import { createExternalFunction } from "./external-function.ts";
import { createHttps } from "./https.ts";
import type { Operator, OperatorContext } from "./operator.ts";
import { createThrottle } from "./throttle.ts";

/** Prepares an operator of a plan. */
export function createOperator(name: OperatorName, args: Document, context: OperatorContext): Operator {
  switch (name) {
    case "$cachedLookup":
      return createCachedLookup(args, context);
    case "$throttle":
      return createThrottle(args, context);
    case "$externalFunction":
      return createExternalFunction(args, context);
    case "$https":
      return createHttps(args, context);
  }
}
