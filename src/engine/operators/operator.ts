import type { Document } from "bson";
import type { EngineContext } from "../engine-context.ts";
import type { Throttled } from "../meter.ts";
import type { Transform, TransformParts } from "../transform.ts";

/** A document at a stage that the engine does itself. */
export interface OperatorInput {
  /** As BSON. */
  readonly document: Uint8Array;
  /** What the operator's expressions gave for it. */
  readonly values: Document;
  /** What `{$meta: "stream"}` gives. */
  readonly stream: Document;
}

/** What becomes of a document: it goes on, perhaps with more metadata; is a dead letter; or is dropped. */
export type OperatorOutcome =
  | { readonly kind: "passed"; readonly document: Uint8Array; readonly stream?: Document }
  | { readonly kind: "refused"; readonly reason: string; readonly stream?: Document }
  | { readonly kind: "dropped" };

/** What operators are made with. */
export interface OperatorContext extends EngineContext {
  /** For stages that an operator has run on a mongod; handed in, as a transform is itself made of operators. */
  readonly createTransform: (parts: TransformParts, context: EngineContext) => Transform;
}

/** A stage that no mongod has. */
export interface Operator {
  /** Rejects with AspError where it could do its work for no document. */
  check(): Promise<void>;
  /** Evaluated by mongod for each document; one that fails makes a dead letter. */
  readonly expressions: Document | undefined;
  /** One outcome for each input, in their order. Throws AspError where the processor is to FAIL. */
  run(inputs: readonly OperatorInput[]): Promise<readonly OperatorOutcome[]>;
  /** How long documents have had to wait since it was last asked; absent where none has to. */
  takeThrottled?(): Throttled;
  close(): Promise<void>;
}
