/**
 * What pipeline modules import.
 *
 * @module
 */
export { defineProcessor } from "./projections/define-processor.ts";
export { defineProjection } from "./projections/define-projection.ts";
export { remove } from "./projections/remove.ts";

export type {
  EventHandler,
  EventHandlers,
  EventReference,
  EventShape,
  Projection,
} from "./projections/define-projection.ts";
export type { Operand, Operators } from "./projections/expression-types.ts";
export type { Fields, FieldValue, HandlerResult } from "./projections/field-types.ts";
export type { Envelope, EventSource, Guard, ProcessorValue, ProjectionValue } from "./projections/processor-value.ts";
export type { LeafReference, Ref, ReferenceTo } from "./projections/reference-types.ts";
export type { Removal } from "./projections/remove.ts";
export type { DeadLetterTarget, Definition, ProcessorOptions } from "./stages/definition.ts";
export type { ExternalFunction, ExternalFunctionContext } from "./stages/function-module.ts";
export type { Stage } from "./stages/index.ts";

export {
  Binary,
  BSONRegExp,
  Code,
  Decimal128,
  Double,
  EJSON,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from "bson";
export type { Document } from "bson";
