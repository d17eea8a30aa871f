import type { Document } from "bson";
import type { OperatorName } from "../core/plan-steps.ts";
import type { EngineContext } from "../engine-context.ts";
import type { Operator } from "./operator.ts";

/** Prepares an operator of a plan. */
export function createOperator(name: OperatorName, _args: Document, _context: EngineContext): Operator {
  throw new Error(`${name} is not run yet: the compiler says so`);
}
