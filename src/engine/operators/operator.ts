import type { Document } from "bson";

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

/** A stage that no mongod has. */
export interface Operator {
  /** Evaluated by mongod for each document; one that fails makes a dead letter. */
  readonly expressions: Document | undefined;
  /** One outcome for each input, in their order. Throws AspError where the processor is to FAIL. */
  run(inputs: readonly OperatorInput[]): Promise<readonly OperatorOutcome[]>;
  close(): Promise<void>;
}
